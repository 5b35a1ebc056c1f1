/* Linked into the native program: says in one line, before the .NET runtime starts, that a processor lacks what its code is made of.
   The runtime looks, too, but aborts, with a core file. No headers: what links the program need not have them. */
extern long write(int stream, const void *text, unsigned long bytes);
extern _Noreturn void _exit(int code);

__attribute__((constructor)) static void check_processor(void)
{
    static const char message[] =
        "error: the native program found a processor without AVX2, FMA and BMI2 (x86-64-v3), expected one that has them; `dotnet run -c Release --project src/FastSim.Cli` runs everywhere\n";
    __builtin_cpu_init();
    if (!(__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2")))
    {
        write(2, message, sizeof message - 1);
        _exit(2);
    }
}
