using System.Diagnostics;
using System.Reflection;
using System.Runtime.CompilerServices;
using FastSim.Kernels.Chips;
using FastSim.Kernels.Models;
using FastSim.Kernels.Stages;
using FastSim.Search.Questions;
using FastSim.Tests;

namespace FastSim.Example.Tests;

/// <summary>FastSim.Search as a library: its example, its small surface, and what it refuses (docs/library.md).</summary>
public sealed class LibraryExampleTests
{
    private static readonly Chip Sketch = PlainChip.Of("sketch", 989, 67, 80, 3350, 450, 8);

    private static readonly TransformerModel Model = new(
        "toy", 4096, 14336, 32, AttentionKind.GroupQuery, 32, 8, 128, null, true, false, 0, 128256, null);

    [Fact]
    public void The_example_prints_what_its_page_says()
    {
        using Process process = Process.Start(
            new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "library-example.dll")]) { RedirectStandardOutput = true })!;
        string printed = process.StandardOutput.ReadToEnd().ReplaceLineEndings("\n");
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        Assert.Equal(3, printed.Count(letter => letter == '\n'));
        Assert.Contains($"```\n{printed}```", File.ReadAllText(Repository.PathOf("docs", "library.md")), StringComparison.Ordinal);
    }

    /// <summary>
    /// A step reads every weight once, at 3350e9 bytes/s: 32 blocks of 2·4096² (queries, output), 2·4096·1024 (keys, values) and 3·4096·14336
    /// (feed-forward), and the head, 4096·128256, of two bytes each: 32·218,103,808·2 + 1,050,673,152 = 15,009,316,864 bytes, 4.48 ms.
    /// </summary>
    [Fact]
    public void A_plain_chip_has_the_rates_it_states()
    {
        DeploymentQuestion question = new(Model, Sketch, 1, 1000, 100);
        Assert.False(Deployments.Solve(question with { PerTokenMilliseconds = 4.4 }).HasPlan);
        Assert.InRange(Deployments.Solve(question with { PerTokenMilliseconds = 12 }).Decode!.LatencySeconds, 0.00448, 0.012);
    }

    [Fact]
    public void What_cannot_be_asked_is_told()
    {
        DeploymentQuestion question = new(Model, Sketch, 8, 1000, 100);
        Assert.Throws<ArgumentOutOfRangeException>(() => Deployments.Solve(question with { Cards = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Deployments.Solve(question with { InputTokens = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => PlainChip.Of("sketch", double.NaN, 1, 1, 1, 1, 1));
        ArgumentException refused = Assert.Throws<ArgumentException>(() => Deployments.Solve(question with { Types = new("fp8", "bfloat16", "bfloat16") }));
        Assert.StartsWith("found the data type fp8; expected one that the chip has: bfloat16", refused.Message, StringComparison.Ordinal);
    }

    /// <summary>A change of what programs use is seen: of the questions, of the plans and results that answer them, and of what both are made of. The file is changed with it.</summary>
    [Fact]
    public void The_public_surface_is_the_one_that_is_written_down()
    {
        string[] surface = [.. Surface().SelectMany(type => MembersOf(type).Select(member => $"{type.Name}: {member}")).Order(StringComparer.Ordinal)];
        string written = Repository.PathOf("src", "FastSim.Search", "Questions", "PublicSurface.txt");
        if (Environment.GetEnvironmentVariable("FASTSIM_SURFACE") == "write")
        {
            File.WriteAllLines(written, surface);
        }

        Assert.Equal(string.Join('\n', File.ReadAllLines(written)), string.Join('\n', surface));
    }

    /// <summary>The questions and layouts, the types that their members name, and those that members of these name.</summary>
    private static HashSet<Type> Surface()
    {
        const int Steps = 2;
        Type[] latest = [.. typeof(Deployments).Assembly.GetExportedTypes().Where(type => type.Namespace == typeof(Deployments).Namespace), typeof(ParallelLayout)];
        HashSet<Type> reached = [.. latest];
        for (int step = 0; step < Steps; step++)
        {
            latest = [.. latest.SelectMany(MembersOf).SelectMany(TypesOf).SelectMany(Parts).Where(IsOurs).Where(reached.Add)];
        }

        return reached;
    }

    private static bool IsOurs(Type type) => type.Assembly.GetName().Name is "FastSim.Kernels" or "FastSim.Search";

    private static IEnumerable<MemberInfo> MembersOf(Type type) => type
        .GetMembers(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly)
        .Where(member => member is ConstructorInfo or PropertyInfo or FieldInfo { IsSpecialName: false } or MethodInfo { IsSpecialName: false })
        .Where(member => !member.IsDefined(typeof(CompilerGeneratedAttribute)));

    private static IEnumerable<Type> TypesOf(MemberInfo member) => member switch
    {
        PropertyInfo property => [property.PropertyType],
        FieldInfo field => [field.FieldType],
        MethodInfo method => [method.ReturnType, .. method.GetParameters().Select(parameter => parameter.ParameterType)],
        ConstructorInfo constructor => constructor.GetParameters().Select(parameter => parameter.ParameterType),
        _ => [],
    };

    /// <summary>A type itself, or what it is a list, an array or a span of.</summary>
    private static IEnumerable<Type> Parts(Type type) => type.HasElementType
        ? Parts(type.GetElementType()!)
        : type.IsGenericType ? type.GetGenericArguments().SelectMany(Parts) : [type];
}
