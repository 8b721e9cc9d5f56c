using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Orchestrator.Numerics.Dictionaries.Kernels;

/// <summary>
/// The loops of the sparse step over rows. Every sum has a fixed order, so that a result depends neither on memory
/// alignment nor on the thread that computes it.
/// </summary>
internal static unsafe class RowKernels<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private static int Width => Vector512<T>.Count;

    /// <summary>Σ a[i] b[i].</summary>
    public static T Dot(T* a, T* b, int length)
    {
        var even = Vector512<T>.Zero;
        var odd = Vector512<T>.Zero;
        var i = 0;
        for (; i <= length - (2 * Width); i += 2 * Width)
        {
            even = Lanes.MultiplyAdd(Vector512.Load(a + i), Vector512.Load(b + i), even);
            odd = Lanes.MultiplyAdd(Vector512.Load(a + i + Width), Vector512.Load(b + i + Width), odd);
        }

        return Finish(a, b, i, length, even, odd);
    }

    /// <summary>result[k] = Σ a[i] rows[indices[k], i]; each as <see cref="Dot"/> gives it.</summary>
    public static void Dots(T* a, T* rows, int length, int* indices, int count, T* result)
    {
        var k = 0;
        for (; k <= count - 2; k += 2)
        {
            var b = rows + ((nint)indices[k] * length);
            var c = rows + ((nint)indices[k + 1] * length);
            var evenB = Vector512<T>.Zero;
            var oddB = Vector512<T>.Zero;
            var evenC = Vector512<T>.Zero;
            var oddC = Vector512<T>.Zero;
            var i = 0;
            for (; i <= length - (2 * Width); i += 2 * Width)
            {
                // Two rows share the loads of a: this loop is bound by loads.
                var low = Vector512.Load(a + i);
                var high = Vector512.Load(a + i + Width);
                evenB = Lanes.MultiplyAdd(low, Vector512.Load(b + i), evenB);
                oddB = Lanes.MultiplyAdd(high, Vector512.Load(b + i + Width), oddB);
                evenC = Lanes.MultiplyAdd(low, Vector512.Load(c + i), evenC);
                oddC = Lanes.MultiplyAdd(high, Vector512.Load(c + i + Width), oddC);
            }

            result[k] = Finish(a, b, i, length, evenB, oddB);
            result[k + 1] = Finish(a, c, i, length, evenC, oddC);
        }

        if (k < count) result[k] = Dot(a, rows + ((nint)indices[k] * length), length);
    }

    /// <summary>destination[i] = start[i] + Σ_k weights[k] rows[indices[k], i].</summary>
    /// <param name="start">May be the destination; null for 0.</param>
    public static void Combine(T* destination, T* start, T* rows, int length, int* indices, T* weights, int count)
    {
        var i = 0;
        for (; i <= length - (8 * Width); i += 8 * Width)
            CombineBlock(destination, start, rows, length, indices, weights, count, i);
        for (; i <= length - Width; i += Width)
        {
            var sum = start is null ? Vector512<T>.Zero : Vector512.Load(start + i);
            for (var k = 0; k < count; k++)
            {
                var row = rows + ((nint)indices[k] * length) + i;
                sum = Lanes.MultiplyAdd(Vector512.Create(weights[k]), Vector512.Load(row), sum);
            }

            sum.Store(destination + i);
        }

        for (; i < length; i++)
        {
            var sum = start is null ? T.Zero : start[i];
            for (var k = 0; k < count; k++)
                sum = T.FusedMultiplyAdd(weights[k], rows[((nint)indices[k] * length) + i], sum);
            destination[i] = sum;
        }
    }

    /// <summary>destination[i] += scale · row[i].</summary>
    public static void AddScaled(T* destination, T* row, T scale, int length)
    {
        var i = 0;
        var factor = Vector512.Create(scale);
        for (; i <= length - Width; i += Width)
            Lanes.MultiplyAdd(factor, Vector512.Load(row + i), Vector512.Load(destination + i)).Store(destination + i);
        for (; i < length; i++) destination[i] = T.FusedMultiplyAdd(scale, row[i], destination[i]);
    }

    /// <summary>destination[i] = a[i] − b[i].</summary>
    public static void Subtract(T* destination, T* a, T* b, int length)
    {
        var i = 0;
        for (; i <= length - Width; i += Width) (Vector512.Load(a + i) - Vector512.Load(b + i)).Store(destination + i);
        for (; i < length; i++) destination[i] = a[i] - b[i];
    }

    /// <summary>row[i] ·= scale.</summary>
    public static void Scale(T* row, T scale, int length)
    {
        var i = 0;
        var factor = Vector512.Create(scale);
        for (; i <= length - Width; i += Width) (Vector512.Load(row + i) * factor).Store(row + i);
        for (; i < length; i++) row[i] *= scale;
    }

    /// <summary>error[i] = scale · (reconstruction[i] − target[i]); the rows may be one.</summary>
    /// <returns>Σ (reconstruction − target)².</returns>
    public static T Error(T* error, T* reconstruction, T* target, T scale, int length)
    {
        var total = Vector512<T>.Zero;
        var factor = Vector512.Create(scale);
        var i = 0;
        for (; i <= length - Width; i += Width)
        {
            var difference = Vector512.Load(reconstruction + i) - Vector512.Load(target + i);
            total = Lanes.MultiplyAdd(difference, difference, total);
            (difference * factor).Store(error + i);
        }

        var sum = Vector512.Sum(total);
        for (; i < length; i++)
        {
            var difference = reconstruction[i] - target[i];
            sum += difference * difference;
            error[i] = difference * scale;
        }

        return sum;
    }

    /// <summary>One Adam step on a row whose gradient first loses <paramref name="parallel"/> times the row.</summary>
    /// <returns>Σ weight², after the step.</returns>
    public static T Adam(T* weight, T* first, T* second, T* gradient, T parallel, in AdamStep<T> step, int length)
    {
        var total = Vector512<T>.Zero;
        var i = 0;
        var minusParallel = Vector512.Create(-parallel);
        var keepFirst = Vector512.Create(step.Beta1);
        var takeFirst = Vector512.Create(T.One - step.Beta1);
        var keepSecond = Vector512.Create(step.Beta2);
        var takeSecond = Vector512.Create(T.One - step.Beta2);
        var correction = Vector512.Create(step.InverseRootCorrection);
        var epsilon = Vector512.Create(step.Epsilon);
        var size = Vector512.Create(step.Size);
        for (; i <= length - Width; i += Width)
        {
            var w = Vector512.Load(weight + i);
            var g = Lanes.MultiplyAdd(minusParallel, w, Vector512.Load(gradient + i));
            var m = Lanes.MultiplyAdd(keepFirst, Vector512.Load(first + i), takeFirst * g);
            var v = Lanes.MultiplyAdd(keepSecond, Vector512.Load(second + i), takeSecond * g * g);
            m.Store(first + i);
            v.Store(second + i);
            w -= size * m / Lanes.MultiplyAdd(Vector512.Sqrt(v), correction, epsilon);
            w.Store(weight + i);
            total = Lanes.MultiplyAdd(w, w, total);
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
    public static T AdamElement(T weight, ref T first, ref T second, T gradient, in AdamStep<T> step)
    {
        first = (step.Beta1 * first) + ((T.One - step.Beta1) * gradient);
        second = (step.Beta2 * second) + ((T.One - step.Beta2) * gradient * gradient);
        return weight - (step.Size * first / ((T.Sqrt(second) * step.InverseRootCorrection) + step.Epsilon));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static T Finish(T* a, T* b, int i, int length, Vector512<T> even, Vector512<T> odd)
    {
        for (; i <= length - Width; i += Width)
            even = Lanes.MultiplyAdd(Vector512.Load(a + i), Vector512.Load(b + i), even);
        var sum = Vector512.Sum(even + odd);
        for (; i < length; i++) sum = T.FusedMultiplyAdd(a[i], b[i], sum);
        return sum;
    }

    /// <summary>Eight registers of the destination stay in place while all rows pass: one load for each multiply-add.</summary>
    private static void CombineBlock(T* destination, T* start, T* rows, int length, int* indices, T* weights, int count, int at)
    {
        Vector512<T> s0 = default, s1 = default, s2 = default, s3 = default;
        Vector512<T> s4 = default, s5 = default, s6 = default, s7 = default;
        var width = Width;
        if (start is not null)
        {
            var from = start + at;
            s0 = Vector512.Load(from);
            s1 = Vector512.Load(from + width);
            s2 = Vector512.Load(from + (2 * width));
            s3 = Vector512.Load(from + (3 * width));
            s4 = Vector512.Load(from + (4 * width));
            s5 = Vector512.Load(from + (5 * width));
            s6 = Vector512.Load(from + (6 * width));
            s7 = Vector512.Load(from + (7 * width));
        }

        for (var k = 0; k < count; k++)
        {
            var row = rows + ((nint)indices[k] * length) + at;
            var weight = Vector512.Create(weights[k]);
            s0 = Lanes.MultiplyAdd(weight, Vector512.Load(row), s0);
            s1 = Lanes.MultiplyAdd(weight, Vector512.Load(row + width), s1);
            s2 = Lanes.MultiplyAdd(weight, Vector512.Load(row + (2 * width)), s2);
            s3 = Lanes.MultiplyAdd(weight, Vector512.Load(row + (3 * width)), s3);
            s4 = Lanes.MultiplyAdd(weight, Vector512.Load(row + (4 * width)), s4);
            s5 = Lanes.MultiplyAdd(weight, Vector512.Load(row + (5 * width)), s5);
            s6 = Lanes.MultiplyAdd(weight, Vector512.Load(row + (6 * width)), s6);
            s7 = Lanes.MultiplyAdd(weight, Vector512.Load(row + (7 * width)), s7);
        }

        var to = destination + at;
        s0.Store(to);
        s1.Store(to + width);
        s2.Store(to + (2 * width));
        s3.Store(to + (3 * width));
        s4.Store(to + (4 * width));
        s5.Store(to + (5 * width));
        s6.Store(to + (6 * width));
        s7.Store(to + (7 * width));
    }
}
