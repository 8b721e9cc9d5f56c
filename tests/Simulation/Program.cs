using Orchestrator.Simulation.Cluster;
using Orchestrator.Simulation.Measures;
using Orchestrator.Simulation.Workloads;

var small = args.Contains("small");
var w = Workload.Create(small ? WorkloadOptions.Small : new WorkloadOptions());
var t = TimeProvider.System.GetTimestamp();
var m = SimulatedCluster.Run(w, new SimulationOptions());
Console.WriteLine($"{TimeProvider.System.GetElapsedTime(t).TotalSeconds:0.0}s starts {m.Starts} completed {m.Completed} preempt {m.Preemptions} pauses {m.Pauses} losses {m.Losses} losth {m.LostHours:0} util {m.Utilisation:0.000} length {m.Length.TotalDays:0.00}d fp {m.Fingerprint}");
Console.WriteLine($"latency made p50 {LatencyMeter.Quantile(m.Latency.Made,.5):0.000} p99 {LatencyMeter.Quantile(m.Latency.Made,.99):0.000} max {m.Latency.Made[^1]:0.0} sum {m.Latency.Made.Sum()/1000:0.0}s n {m.Latency.Made.Count}; vain p50 {LatencyMeter.Quantile(m.Latency.Vain,.5):0.000} p99 {LatencyMeter.Quantile(m.Latency.Vain,.99):0.000} max {m.Latency.Vain[^1]:0.0} sum {m.Latency.Vain.Sum()/1000:0.0}s n {m.Latency.Vain.Count} deepest {m.Latency.DeepestQueue}");
Console.WriteLine($"longest first {m.Waits.LongestFirst.TotalHours:0.00}h of {m.Waits.LongestOf} longest run {m.LongestRun.TotalHours:0.00}; sweep waits p50 {LatencyMeter.Quantile(m.Waits.SweepWaits,.5):0.00} p99 {LatencyMeter.Quantile(m.Waits.SweepWaits,.99):0.00} max {m.Waits.SweepWaits[^1]:0.0}");
var ws = m.Shares.Windows.Where(x => x.End <= w.Length).ToList();
for (var i=0;i<m.Shares.Names.Count;i++)
{
    foreach (var k in new[]{1,2,4,8})
    {
        var errs = new List<double>();
        for (var j=0;j+k<=ws.Count;j+=k)
        {
            var g = ws.Skip(j).Take(k).ToList(); if (Enumerable.Range(Math.Max(0,j-2), k+2).Any(z => ws[Math.Min(z,ws.Count-1)].Changed)) continue;
            var dev = g.Sum(x=>x.Devices);
            var s = g.Sum(x=>x.Shares[i]*x.Devices)/dev; var t2 = g.Sum(x=>x.Weights[i]*x.Devices)/dev;
            errs.Add(s/t2-1);
        }
        var abs = errs.Select(Math.Abs).Order().ToList();
        Console.Write($"{(k==1?m.Shares.Names[i]+$" devices {ws.Average(x=>x.Devices*x.Shares[i]):0} ":"")} [{k}h mean {errs.Average():+0.000;-0.000} p50 {LatencyMeter.Quantile(abs,.5):0.000} p95 {LatencyMeter.Quantile(abs,.95):0.000} max {abs[^1]:0.000}]");
    }
    Console.WriteLine();
}
Console.WriteLine($"writes {m.Records.Writes} size {m.Records.Size/1e6:0} MB");
if (args.Contains("series"))
    foreach (var x in ws.Where((_, n) => n % 4 == 0))
        Console.WriteLine($"{x.End.TotalHours,5:0} dev {x.Devices,6:0.0} " + string.Join(" ", x.Shares.Select((s, i) => $"{s*x.Devices:0.0}/{x.Weights[i]*x.Devices:0.0}")));

if (args.Contains("worst"))
    foreach (var (x, n, i, e) in ws.SelectMany((x, n) => x.Shares.Select((s, i) => (x, n, i, e: s / x.Weights[i] - 1))).Where(z => Math.Abs(z.e) > 0.05).OrderBy(z => z.n))
        Console.WriteLine($"window {n} {m.Shares.Names[i]} {e:+0.000;-0.000} devices {x.Devices:0} own {x.Shares[i]*x.Devices:0.0} changed {x.Changed}");
