namespace FastSim.Cli.Tests;

/// <summary>Sweep files that cannot be used, and what the user is told.</summary>
public static class MalformedSweeps
{
    public static IReadOnlyList<(string Sweep, string Message)> All { get; } =
    [
        (
            """{"runtime":"decode.json","output":"out","axes":[{"path":"system.mem1.GiB","values":[36,0]}]}""",
            """sweep.json: system.mem1.GiB = 0: system.mem1.GiB: found 0; expected a number above 0"""),
        (
            """{"runtime":"decode.json","output":"out","axes":[{"path":"system.mem1.GiB","values":[36,NaN]}]}""",
            """sweep.json: axes[0].values[1]: found NaN; expected a number"""),
        (
            """{"runtime":"decode.json","output":"out","axes":[{"path":"system.mem1.GiB","values":[36,null]}]}""",
            """sweep.json: system.mem1.GiB = null: system.mem1.GiB: found null; expected a number above 0"""),
        (
            """{"runtime":"decode.json","output":"out","axes":[{"path":"system.mem1.Gib","values":[36]}]}""",
            """sweep.json: system.mem1.Gib = 36: systems/SOW-U1-POR.json: mem1.Gib: found an unknown key; expected a key of this format; did you mean "GiB"?"""),
        (
            """{"runtime":"decode.json","output":"out","axes":[{"path":"system.networks[7].bandwidth","values":[36]}]}""",
            """sweep.json: system.networks[7].bandwidth = 36: system.networks[7].bandwidth does not name a number of systems/SOW-U1-POR.json: found only 2 items where it asks for [7]"""),
        (
            """{"runtime":"decode.json","output":"out","axes":[{"path":"system.matrix.float9.tflops","values":[36]}]}""",
            """sweep.json: system.matrix.float9.tflops = 36: system.matrix.float9.tflops does not name a number of systems/SOW-U1-POR.json: found no key float9; did you mean "float8"?"""),
        (
            """{"runtime":"decode.json","output":"out","axes":[{"path":"system.matrix.float8","values":[36]}]}""",
            """sweep.json: system.matrix.float8 = 36: system.matrix.float8 does not name a number of systems/SOW-U1-POR.json: found an object at matrix.float8"""),
        (
            """{"runtime":"decode.json","output":"out","axes":[{"path":"chip.mem1.GiB","values":[36]}]}""",
            """sweep.json: axes[0].path: found "chip.mem1.GiB"; expected a path such as system.mem1.GiB, decode.system.networks[0].bandwidth or runtime.num_procs_list[0]"""),
        (
            """{"runtime":"decode.json","output":"out","axes":[{"path":"runtime.time_limit_lst[0][1]","values":[36]}]}""",
            """sweep.json: runtime.time_limit_lst[0][1] = 36: runtime.time_limit_lst[0][1] does not name a number of decode.json: found no key time_limit_lst; did you mean "time_limit_list"?"""),
        (
            """{"runtime":"decode.json","output":"out","axes":[{"path":"runtime.num_procs_list[0]","values":[36,0]}]}""",
            """sweep.json: runtime.num_procs_list[0] = 0: decode.json: pd-split-request-optimal.num_procs_list[0]: found 0; expected an integer of at least 1"""),
        (
            """{"runtime":"decode.json","output":"out","axes":[{"path":"runtime.num_procs_list[0]","values":[36.5]}]}""",
            """sweep.json: runtime.num_procs_list[0] = 36.5: decode.json: pd-split-request-optimal.num_procs_list[0]: found 36.5; expected an integer of at least 1"""),
        (
            """{"runtime":"decode.json","output":"out","axes":[{"path":"system.mem1.GiB","values":[36],"range":[1,2,1]}]}""",
            """sweep.json: axes[0]: found values and range; expected one of values, range, log2, geometric, pair, or a table"""),
        (
            """{"runtime":"decode.json","output":"out","axes":[{"path":"system.mem1.GiB","range":[1,2,0]}]}""",
            """sweep.json: axes[0].range: found [1,2,0]; expected [start, end, step] that leads from start to end in fewer than 1000000 steps"""),
        (
            """{"runtime":"decode.json","output":"out","axes":[{"path":"system.mem1.GiB","range":[1,2,-1]}]}""",
            """sweep.json: axes[0].range: found [1,2,-1]; expected [start, end, step] that leads from start to end in fewer than 1000000 steps"""),
        (
            """{"runtime":"decode.json","output":"out","axes":[{"path":"system.mem1.GiB","log2":[0,8]}]}""",
            """sweep.json: axes[0].log2[0]: found 0; expected a number above 0"""),
        (
            """{"runtime":"decode.json","output":"out","axes":[{"path":"system.mem1.GiB","geometric":[1,8,1]}]}""",
            """sweep.json: axes[0].geometric[2]: found 1; expected an integer of at least 2"""),
        (
            """{"runtime":"decode.json","output":"out","axes":[{"path":"system.mem1.GiB","values":[]}]}""",
            """sweep.json: axes[0].values: found []; expected a list of numbers"""),
        (
            """{"runtime":"decode.json","output":"out","axes":[{"pth":"system.mem1.GiB","values":[1]}]}""",
            """sweep.json: axes[0].pth: found an unknown key; expected a key of this format; did you mean "path"?"""),
        (
            """{"runtime":"decode.json","output":"out","axes":[]}""",
            """sweep.json: axes: found []; expected the axes of the sweep: a list of objects"""),
        (
            """{"runtime":"decode.json","output":"out"}""",
            """sweep.json: axes: found nothing; expected the axes of the sweep: a list of objects"""),
        (
            """{"runtime":"decod.json","output":"out","axes":[{"path":"system.mem1.GiB","values":[36]}]}""",
            """sweep.json: runtime: found "decod.json"; expected the path of a runtime file, from the working directory or the sweep file's folder; there is no such file"""),
        (
            """{"runtime":"decode.json","output":"out","axs":[{"path":"system.mem1.GiB","values":[36]}]}""",
            """sweep.json: axs: found an unknown key; expected a key of this format; did you mean "axes"?"""),
        (
            """{"runtime":"decode.json","output":"out","axes":[{"path":"system.mem1.GiB","values":[36]},{"path":"system.mem1.GiB","values":[36]}]}""",
            """sweep.json: axes: found the name system.mem1.GiB twice; expected axes of different names"""),
        (
            """{"runtime":"decode.json","output":"out","axes":[{"path":"system.mem1.GiB","values":[36]}],"combine":"zp"}""",
            """sweep.json: combine: found "zp"; expected how the axes combine: product, zip; did you mean "zip"?"""),
        (
            """{"runtime":"decode.json","output":"out","combine":"zip","axes":[{"path":"system.mem1.GiB","values":[36]},{"path":"system.mem1.GBps","values":[1,2]}]}""",
            """sweep.json: axes: found 1 steps of system.mem1.GiB and 2 of system.mem1.GBps; expected axes of one length to zip"""),
        (
            """{"runtime":"decode.json","output":"out","axes":[{"name":"gib","path":"system.mem1.GiB","values":[36]}],"cost":"gb * 2"}""",
            """sweep.json: cost: found gb; expected names among gib, seq_size, out_size, requests_per_second, tokens_per_second, tokens_per_second_per_card, ttft_ms, tpot_ms, decoder_cards, decoder_dp, decoder_pp, decoder_tp, decoder_ep, decoder_moe_tp, decoder_moe_dp, decoder_redundant_experts, decoder_microbatch, decoder_num_bs, decoder_tokens_per_second, decoder_memory_gib; did you mean "gib"?"""),
        (
            """{"runtime":"decode.json","output":"out","axes":[{"name":"gib","path":"system.mem1.GiB","values":[36]}],"cost":"gib * "}""",
            """sweep.json: cost: found gib * ; expected an expression: Error parsing the expression."""),
        (
            """{"runtime":"decode.json","output":"out","axes":[{"name":"gib","path":"system.mem1.GiB","values":[36]}],"cost":"Foo(gib)"}""",
            """sweep.json: cost: found Foo(gib); expected an expression: Function not found. Name: Foo"""),
        (
            """{"runtime":"decode.json","output":"out","axes":[{"name":"gib","path":"system.mem1.GiB","values":[36]}],"cost":"'a'"}""",
            """sweep.json: cost: found 'a'; expected an expression that gives a number"""),
        (
            """{"runtime":"decode.json","output":"out","axes":[{"name":"gib","path":"system.mem1.GiB","values":[36]}],"filter":"tpot_ms < 3"}""",
            """sweep.json: filter: found tpot_ms; expected names among gib"""),
        (
            """{"runtime":"decode.json","output":"out","axes":[{"name":"gib","path":"system.mem1.GiB","values":[36]}],"pareto":[{"maximise":"tokens_per_second_per_crd"},{"minimise":"gib"}]}""",
            """sweep.json: pareto: found tokens_per_second_per_crd; expected a column of numbers; did you mean "tokens_per_second_per_card"?"""),
        (
            """{"runtime":"decode.json","output":"out","axes":[{"name":"tpot_ms","path":"system.mem1.GiB","values":[36]}]}""",
            """sweep.json: axes: found the name tpot_ms, which a column of the result has; expected another"""),
        (
            """{"runtime":"decode.json","output":"out","axes":[{"name":"gib","path":"system.mem1.GiB","values":[36]}],"result":"x.txt"}""",
            """sweep.json: result: found "x.txt"; expected a file name that ends in .csv, .csv.gz or .parquet"""),
        (
            """{"runtime":"decode.json","output":"out","axes":[{"name":"gib","path":"system.mem1.GiB","range":[1,900000,1]},{"path":"system.mem1.GBps","range":[1,900000,1]}]}""",
            """sweep.json: axes: found [{"name":"gib","path":"system.mem1.GiB","range":[1,900000,1]…; expected axes whose product is at most 100,000,000 variants, not 810,000,000,000; --optimise finds the best of more"""),
        (
            """{"runtime":"decode.json","output":"out","axes":[{"path":"system.mem1.calibration_coefficient","values":[1.5]}]}""",
            """sweep.json: system.mem1.calibration_coefficient = 1.5: system.mem1.calibration_coefficient: found 1.5; expected a number above 0 and at most 1"""),
        (
            """{"runtime":"decode.json","output":"out","axes":[{"path":"system.price_per_hour","values":[-1]}]}""",
            """sweep.json: system.price_per_hour = -1: system.price_per_hour: found -1; expected a number of at least 0"""),
        (
            """{"runtime":"decode.json","output":"out","axes":[{"path":"system.board_watts","values":[0]}]}""",
            """sweep.json: system.board_watts = 0: system.board_watts: found 0; expected a number above 0"""),
        (
            """{"runtime":"decode.json","output":"out","axes":[{"path":"system.mem1.joules_per_byte","values":[null]}]}""",
            """sweep.json: system.mem1.joules_per_byte = null: system.mem1.joules_per_byte: found null; expected a number of at least 0"""),
        (
            """{"runtime":"decode.json","output":"out","axes":[{"name":"gib","path":"system.mem1.GiB","values":[36]}],"cost":"dollars_per_million_tokens"}""",
            """sweep.json: cost: found dollars_per_million_tokens; expected names among gib, seq_size, out_size, requests_per_second, tokens_per_second, tokens_per_second_per_card, ttft_ms, tpot_ms, decoder_cards, decoder_dp, decoder_pp, decoder_tp, decoder_ep, decoder_moe_tp, decoder_moe_dp, decoder_redundant_experts, decoder_microbatch, decoder_num_bs, decoder_tokens_per_second, decoder_memory_gib"""),
        (
            """{"runtime":"decode.json","output":"out","axes":[{"table":"t.csv"}]}""",
            """sweep.json: axes[0].table: found "t.csv"; expected the path of a CSV of variants, from the working directory or the sweep file's folder; there is no such file"""),
        (
            """{"runtime":"decode.json","output":"out","axes":[{"table":"bad.csv"}]}""",
            """bad.csv: header: found foo; expected a path such as system.mem1.GiB"""),
        (
            """{"runtime":"decode.json","output":"out","axes":[{"table":"bad2.csv"}]}""",
            """bad2.csv: line 3: system.mem1.GiB: found abc; expected a number"""),
        (
            """{"runtime":"decode.json","output":"out","axes":[{"path":"system.mem1.GiB","values":[36]}],"best":-1}""",
            """sweep.json: best: found -1; expected an integer of at least 0"""),
        (
            """{"runtime":"decode.json","axes":[{"path":"system.mem1.GiB","values":[36]}]}""",
            """sweep.json: output: found nothing; expected the folder of the results"""),
        (
            """[]""",
            """sweep.json: $: found []; expected a sweep: an object"""),
        (
            """{""",
            """sweep.json: line 1, byte 2: found text that is not JSON; Expected depth to be zero at the end of the JSON payload. There is an open JSON object or array that should be closed."""),
        (
            """{"runtime":"decode.json","output":"out","axes":[{"path":"system.mem1.GiB","values":[36]}],"cost":"1/0"}""",
            """sweep.json: cost: 1/0 is infinite; expected a number above 0"""),
        (
            """{"runtime":"decode.json","output":"out","axes":[{"path":"system.mem1.GiB","values":[36]}],"cost":"-1"}""",
            """sweep.json: cost: -1 is -1; expected a number above 0"""),
        (
            """{"runtime":"decode.json","output":"out","axes":[{"path":"system.mem1.GiB","values":[36]}],"cost":"3 - 3"}""",
            """sweep.json: cost: 3 - 3 is 0; expected a number above 0"""),
        (
            """{"runtime":"decode.json","output":"out","axes":[{"path":"system.mem1.GiB","values":[36]}],"cost":"true"}""",
            """sweep.json: cost: found true, which is true or false; expected a number above 0"""),
        (
            """{"runtime":"decode.json","output":"out","axes":[{"name":"gib","path":"system.mem1.GiB","values":[36]}],"cost":"gib > 30"}""",
            """sweep.json: cost: found gib > 30, which is true or false; expected a number above 0"""),
        (
            """{"runtime":"decode.json","output":"out","axes":[{"name":"gib","path":"system.mem1.GiB","values":[80,64,48,36]}],"cost":"gib - 64"}""",
            """sweep.json: cost: gib - 64 is 0 at gib = 64; expected a number above 0"""),
    ];
}
