namespace FastSim.Kernels.Lanes;

/// <summary>
/// Some doubles side by side. The kernel is written once over this interface; each width rounds every operation alike, so a
/// candidate gets the same bits in any of them.
/// </summary>
/// <typeparam name="TSelf">The width.</typeparam>
internal interface ILanes<TSelf>
    where TSelf : struct, ILanes<TSelf>
{
    /// <summary>Lanes in one value.</summary>
    static abstract int Count { get; }

    /// <summary>The same number in every lane.</summary>
    static abstract TSelf Broadcast(double number);

    /// <summary>Lanes from memory, starting at <paramref name="index"/>; the caller sees to the bounds.</summary>
    static abstract TSelf Load(ref readonly double start, int index);

    /// <summary>
    /// The same number in every lane, from memory that holds it <see cref="LaneWidths.Copies"/> times from <paramref name="index"/> on; the caller sees to that. A plain load,
    /// where a broadcast takes a slot from arithmetic (512 bits on Zen 4).
    /// </summary>
    static abstract TSelf LoadCopies(ref readonly double start, int index);

    /// <summary>
    /// <c>slope·at + constant</c>, rounded once, of two numbers from memory as <see cref="LoadCopies"/> reads them. Of a pair each vector has copies of the constant of its own where there are as
    /// many: the compiler makes them operands of the instructions, where it would keep what both share in a register and copy it.
    /// </summary>
    static abstract TSelf AffineOfCopies(ref readonly double start, int slope, int constant, TSelf at);

    /// <summary>Lanes to memory, starting at <paramref name="index"/>; the caller sees to the bounds.</summary>
    static abstract void Store(TSelf lanes, ref double start, int index);

    /// <summary>Sum.</summary>
    static abstract TSelf operator +(TSelf left, TSelf right);

    /// <summary>Difference.</summary>
    static abstract TSelf operator -(TSelf left, TSelf right);

    /// <summary>Product.</summary>
    static abstract TSelf operator *(TSelf left, TSelf right);

    /// <summary>Quotient.</summary>
    static abstract TSelf operator /(TSelf left, TSelf right);

    /// <summary><c>left·right + addend</c>, rounded once.</summary>
    static abstract TSelf MultiplyAdd(TSelf left, TSelf right, TSelf addend);

    /// <summary>The larger; lanes hold no NaN.</summary>
    static abstract TSelf Max(TSelf left, TSelf right);

    /// <summary>The smaller; lanes hold no NaN.</summary>
    static abstract TSelf Min(TSelf left, TSelf right);

    /// <summary>The smallest lane; lanes hold no NaN.</summary>
    static abstract double Least(TSelf lanes);

    /// <summary>The largest lane; lanes hold no NaN.</summary>
    static abstract double Largest(TSelf lanes);

    /// <summary><paramref name="reached"/> where <paramref name="value"/> is at least <paramref name="threshold"/>, else <paramref name="otherwise"/>.</summary>
    static abstract TSelf SelectAtLeast(TSelf value, TSelf threshold, TSelf reached, TSelf otherwise);

    /// <summary>The largest whole number that is not larger.</summary>
    static abstract TSelf Floor(TSelf number);

    /// <summary><c>e</c> to the power of each lane.</summary>
    static abstract TSelf Exp(TSelf exponent);
}
