using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Orchestrator.Numerics.Dictionaries.Kernels;

/// <summary>
/// The loops of the sparse step over rows of float32. Every sum has a fixed order, so that a result depends neither on
/// memory alignment nor on the thread that computes it.
/// </summary>
internal static unsafe class RowKernels
{
    private const int Lanes = 16;
    private const int Block = 8 * Lanes;

    /// <summary>Σ a[i] b[i].</summary>
    public static float Dot(float* a, float* b, int length)
    {
        var even = Vector512<float>.Zero;
        var odd = Vector512<float>.Zero;
        var i = 0;
        for (; i <= length - (2 * Lanes); i += 2 * Lanes)
        {
            even = Vector512.FusedMultiplyAdd(Vector512.Load(a + i), Vector512.Load(b + i), even);
            odd = Vector512.FusedMultiplyAdd(Vector512.Load(a + i + Lanes), Vector512.Load(b + i + Lanes), odd);
        }

        return Finish(a, b, i, length, even, odd);
    }

    /// <summary>result[k] = Σ a[i] rows[indices[k], i]; each as <see cref="Dot"/> gives it.</summary>
    public static void Dots(float* a, float* rows, int length, int* indices, int count, float* result)
    {
        var k = 0;
        for (; k <= count - 2; k += 2)
        {
            var b = rows + ((nint)indices[k] * length);
            var c = rows + ((nint)indices[k + 1] * length);
            var evenB = Vector512<float>.Zero;
            var oddB = Vector512<float>.Zero;
            var evenC = Vector512<float>.Zero;
            var oddC = Vector512<float>.Zero;
            var i = 0;
            for (; i <= length - (2 * Lanes); i += 2 * Lanes)
            {
                // Two rows share the loads of a: this loop is bound by loads.
                var low = Vector512.Load(a + i);
                var high = Vector512.Load(a + i + Lanes);
                evenB = Vector512.FusedMultiplyAdd(low, Vector512.Load(b + i), evenB);
                oddB = Vector512.FusedMultiplyAdd(high, Vector512.Load(b + i + Lanes), oddB);
                evenC = Vector512.FusedMultiplyAdd(low, Vector512.Load(c + i), evenC);
                oddC = Vector512.FusedMultiplyAdd(high, Vector512.Load(c + i + Lanes), oddC);
            }

            result[k] = Finish(a, b, i, length, evenB, oddB);
            result[k + 1] = Finish(a, c, i, length, evenC, oddC);
        }

        if (k < count) result[k] = Dot(a, rows + ((nint)indices[k] * length), length);
    }

    /// <summary>destination[i] = start[i] + Σ_k weights[k] rows[indices[k], i]; <paramref name="start"/> may be null for 0.</summary>
    public static void Combine(
        float* destination, float* start, float* rows, int length, int* indices, float* weights, int count)
    {
        var i = 0;
        for (; i <= length - Block; i += Block) CombineBlock(destination, start, rows, length, indices, weights, count, i);
        for (; i <= length - Lanes; i += Lanes)
        {
            var sum = start is null ? Vector512<float>.Zero : Vector512.Load(start + i);
            for (var k = 0; k < count; k++)
            {
                var row = rows + ((nint)indices[k] * length) + i;
                sum = Vector512.FusedMultiplyAdd(Vector512.Create(weights[k]), Vector512.Load(row), sum);
            }

            sum.Store(destination + i);
        }

        for (; i < length; i++)
        {
            var sum = start is null ? 0f : start[i];
            for (var k = 0; k < count; k++)
                sum = MathF.FusedMultiplyAdd(weights[k], rows[((nint)indices[k] * length) + i], sum);
            destination[i] = sum;
        }
    }

    /// <summary>destination[i] += scale · row[i].</summary>
    public static void AddScaled(float* destination, float* row, float scale, int length)
    {
        var i = 0;
        var factor = Vector512.Create(scale);
        for (; i <= length - Lanes; i += Lanes)
            Vector512.FusedMultiplyAdd(factor, Vector512.Load(row + i), Vector512.Load(destination + i)).Store(destination + i);
        for (; i < length; i++) destination[i] = MathF.FusedMultiplyAdd(scale, row[i], destination[i]);
    }

    /// <summary>destination[i] = a[i] − b[i].</summary>
    public static void Subtract(float* destination, float* a, float* b, int length)
    {
        var i = 0;
        for (; i <= length - Lanes; i += Lanes) (Vector512.Load(a + i) - Vector512.Load(b + i)).Store(destination + i);
        for (; i < length; i++) destination[i] = a[i] - b[i];
    }

    /// <summary>row[i] ·= scale.</summary>
    public static void Scale(float* row, float scale, int length)
    {
        var i = 0;
        var factor = Vector512.Create(scale);
        for (; i <= length - Lanes; i += Lanes) (Vector512.Load(row + i) * factor).Store(row + i);
        for (; i < length; i++) row[i] *= scale;
    }

    /// <summary>Collects the features whose pre-activation plus bias is positive, in ascending order.</summary>
    /// <param name="features">Room for <paramref name="length"/> features.</param>
    /// <param name="values">Room for as many activations.</param>
    /// <returns>How many are active.</returns>
    public static int Positives(float* preActivations, float* bias, int length, int* features, float* values)
    {
        var count = 0;
        var i = 0;
        for (; i <= length - Lanes; i += Lanes)
        {
            var sum = Vector512.Load(preActivations + i) + Vector512.Load(bias + i);
            var mask = Vector512.GreaterThan(sum, Vector512<float>.Zero).ExtractMostSignificantBits();
            for (; mask != 0; mask &= mask - 1, count++)
            {
                var feature = i + BitOperations.TrailingZeroCount(mask);
                features[count] = feature;
                values[count] = preActivations[feature] + bias[feature];
            }
        }

        for (; i < length; i++)
        {
            var sum = preActivations[i] + bias[i];
            if (!(sum > 0)) continue;
            features[count] = i;
            values[count++] = sum;
        }

        return count;
    }

    /// <summary>How many pre-activations are positive once the bias is added.</summary>
    public static int CountPositives(float* preActivations, float* bias, int length)
    {
        var count = 0;
        var i = 0;
        for (; i <= length - Lanes; i += Lanes)
        {
            var sum = Vector512.Load(preActivations + i) + Vector512.Load(bias + i);
            count += BitOperations.PopCount(Vector512.GreaterThan(sum, Vector512<float>.Zero).ExtractMostSignificantBits());
        }

        for (; i < length; i++) if (preActivations[i] + bias[i] > 0) count++;
        return count;
    }

    /// <summary>row = ReLU(row + bias), in place.</summary>
    /// <param name="sum">Sum of the activations.</param>
    /// <returns>How many are active.</returns>
    public static int Rectify(float* row, float* bias, int length, out float sum)
    {
        var count = 0;
        var total = Vector512<float>.Zero;
        var i = 0;
        for (; i <= length - Lanes; i += Lanes)
        {
            // NaN must survive the rectifier, so that a diverged run is seen: max(NaN, 0) may be 0.
            var value = Vector512.Load(row + i) + Vector512.Load(bias + i);
            var active = Vector512.GreaterThan(value, Vector512<float>.Zero);
            count += BitOperations.PopCount(active.ExtractMostSignificantBits());
            value = Vector512.ConditionalSelect(Vector512.LessThanOrEqual(value, Vector512<float>.Zero), Vector512<float>.Zero, value);
            total += value;
            value.Store(row + i);
        }

        sum = Vector512.Sum(total);
        for (; i < length; i++)
        {
            var value = row[i] + bias[i];
            row[i] = value <= 0 ? 0 : value;
            if (value > 0) count++;
            sum += row[i];
        }

        return count;
    }

    /// <summary>Turns a reconstruction without its bias into the gradient of the reconstruction error.</summary>
    /// <param name="row">In: f W_dec. Out: scale · (f W_dec + b_dec − x).</param>
    /// <returns>Σ (x̂ − x)².</returns>
    public static float Error(float* row, float* bias, float* x, float scale, int length)
    {
        var total = Vector512<float>.Zero;
        var factor = Vector512.Create(scale);
        var i = 0;
        for (; i <= length - Lanes; i += Lanes)
        {
            var error = Vector512.Load(row + i) + Vector512.Load(bias + i) - Vector512.Load(x + i);
            total = Vector512.FusedMultiplyAdd(error, error, total);
            (error * factor).Store(row + i);
        }

        var sum = Vector512.Sum(total);
        for (; i < length; i++)
        {
            var error = row[i] + bias[i] - x[i];
            sum += error * error;
            row[i] = error * scale;
        }

        return sum;
    }

    /// <summary>
    /// gradient[i] = activation[i] &gt; 0 ? gradient[i] + penalty : 0, added to <paramref name="sums"/> and, where the
    /// feature is active, marked in <paramref name="fired"/>.
    /// </summary>
    public static void MaskGradient(float* gradient, float* activations, float penalty, float* sums, float* fired, int length)
    {
        var i = 0;
        var shift = Vector512.Create(penalty);
        for (; i <= length - Lanes; i += Lanes)
        {
            var activation = Vector512.Load(activations + i);
            var active = Vector512.GreaterThan(activation, Vector512<float>.Zero);
            var masked = Vector512.ConditionalSelect(active, Vector512.Load(gradient + i) + shift, Vector512<float>.Zero);
            masked.Store(gradient + i);
            (Vector512.Load(sums + i) + masked).Store(sums + i);
            (Vector512.Load(fired + i) + activation).Store(fired + i);
        }

        for (; i < length; i++)
        {
            gradient[i] = activations[i] > 0 ? gradient[i] + penalty : 0;
            sums[i] += gradient[i];
            fired[i] += activations[i];
        }
    }

    /// <summary>One Adam step on a row whose gradient first loses <paramref name="parallel"/> times the row.</summary>
    /// <returns>Σ weight², after the step.</returns>
    public static float Adam(
        float* weight, float* first, float* second, float* gradient, float parallel, in AdamStep step, int length)
    {
        var total = Vector512<float>.Zero;
        var i = 0;
        var minusParallel = Vector512.Create(-parallel);
        var keepFirst = Vector512.Create(step.Beta1);
        var takeFirst = Vector512.Create(1 - step.Beta1);
        var keepSecond = Vector512.Create(step.Beta2);
        var takeSecond = Vector512.Create(1 - step.Beta2);
        var correction = Vector512.Create(step.InverseRootCorrection);
        var epsilon = Vector512.Create(step.Epsilon);
        var size = Vector512.Create(step.Size);
        for (; i <= length - Lanes; i += Lanes)
        {
            var w = Vector512.Load(weight + i);
            var g = Vector512.FusedMultiplyAdd(minusParallel, w, Vector512.Load(gradient + i));
            var m = Vector512.FusedMultiplyAdd(keepFirst, Vector512.Load(first + i), takeFirst * g);
            var v = Vector512.FusedMultiplyAdd(keepSecond, Vector512.Load(second + i), takeSecond * g * g);
            m.Store(first + i);
            v.Store(second + i);
            w -= size * m / Vector512.FusedMultiplyAdd(Vector512.Sqrt(v), correction, epsilon);
            w.Store(weight + i);
            total = Vector512.FusedMultiplyAdd(w, w, total);
        }

        var sum = Vector512.Sum(total);
        for (; i < length; i++)
        {
            weight[i] = AdamElement(weight[i], ref first[i], ref second[i], gradient[i] - (parallel * weight[i]), step);
            sum += weight[i] * weight[i];
        }

        return sum;
    }

    /// <summary>One Adam step on one number.</summary>
    public static float AdamElement(float weight, ref float first, ref float second, float gradient, in AdamStep step)
    {
        first = (step.Beta1 * first) + ((1 - step.Beta1) * gradient);
        second = (step.Beta2 * second) + ((1 - step.Beta2) * gradient * gradient);
        return weight - (step.Size * first / ((MathF.Sqrt(second) * step.InverseRootCorrection) + step.Epsilon));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Finish(float* a, float* b, int i, int length, Vector512<float> even, Vector512<float> odd)
    {
        for (; i <= length - Lanes; i += Lanes)
            even = Vector512.FusedMultiplyAdd(Vector512.Load(a + i), Vector512.Load(b + i), even);
        var sum = Vector512.Sum(even + odd);
        for (; i < length; i++) sum = MathF.FusedMultiplyAdd(a[i], b[i], sum);
        return sum;
    }

    /// <summary>Eight registers of the destination stay in place while all rows pass: one load for each multiply-add.</summary>
    private static void CombineBlock(
        float* destination, float* start, float* rows, int length, int* indices, float* weights, int count, int at)
    {
        Vector512<float> s0 = default, s1 = default, s2 = default, s3 = default;
        Vector512<float> s4 = default, s5 = default, s6 = default, s7 = default;
        if (start is not null)
        {
            var from = start + at;
            s0 = Vector512.Load(from);
            s1 = Vector512.Load(from + Lanes);
            s2 = Vector512.Load(from + (2 * Lanes));
            s3 = Vector512.Load(from + (3 * Lanes));
            s4 = Vector512.Load(from + (4 * Lanes));
            s5 = Vector512.Load(from + (5 * Lanes));
            s6 = Vector512.Load(from + (6 * Lanes));
            s7 = Vector512.Load(from + (7 * Lanes));
        }

        for (var k = 0; k < count; k++)
        {
            var row = rows + ((nint)indices[k] * length) + at;
            var weight = Vector512.Create(weights[k]);
            s0 = Vector512.FusedMultiplyAdd(weight, Vector512.Load(row), s0);
            s1 = Vector512.FusedMultiplyAdd(weight, Vector512.Load(row + Lanes), s1);
            s2 = Vector512.FusedMultiplyAdd(weight, Vector512.Load(row + (2 * Lanes)), s2);
            s3 = Vector512.FusedMultiplyAdd(weight, Vector512.Load(row + (3 * Lanes)), s3);
            s4 = Vector512.FusedMultiplyAdd(weight, Vector512.Load(row + (4 * Lanes)), s4);
            s5 = Vector512.FusedMultiplyAdd(weight, Vector512.Load(row + (5 * Lanes)), s5);
            s6 = Vector512.FusedMultiplyAdd(weight, Vector512.Load(row + (6 * Lanes)), s6);
            s7 = Vector512.FusedMultiplyAdd(weight, Vector512.Load(row + (7 * Lanes)), s7);
        }

        var to = destination + at;
        s0.Store(to);
        s1.Store(to + Lanes);
        s2.Store(to + (2 * Lanes));
        s3.Store(to + (3 * Lanes));
        s4.Store(to + (4 * Lanes));
        s5.Store(to + (5 * Lanes));
        s6.Store(to + (6 * Lanes));
        s7.Store(to + (7 * Lanes));
    }
}
