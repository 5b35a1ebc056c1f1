using System.Globalization;
using FastSim.Kernels.Models;

namespace FastSim.Cli.Output;

/// <summary>Attention in words: heads and widths, what is normalised, gated, selected.</summary>
internal static class AttentionWords
{
    /// <summary>What a form of attention is called.</summary>
    public static string NameOf(AttentionForm form) => form.Kind switch
    {
        AttentionKind.None => "no attention",
        AttentionKind.GatedDelta => "gated delta rule",
        AttentionKind.KimiDelta => "Kimi delta",
        AttentionKind.StateSpace => "state space",
        AttentionKind.Lightning => "lightning attention",
        AttentionKind.SelectiveScan => "Mamba-1",
        AttentionKind.ShortConvolution => "short convolution",
        AttentionKind.Compressed => form.Compression switch
        {
            { Indexer: not null } => "compressed sparse",
            { Ratio: > 0 } => "heavily compressed",
            _ => "window alone",
        },
        _ => "attention",
    };

    /// <summary>A form that some blocks have.</summary>
    public static string Of(TransformerModel model, AttentionForm form)
    {
        if (form.Beside is { } beside)
        {
            return $"{Of(model, form with { Beside = null })}; beside it {NameOf(beside)}, {Of(model, beside)}";
        }

        if (form.Kind == AttentionKind.ShortConvolution)
        {
            return $"{Whole(form.State!.ValueHeads)} channels, over {form.State!.Convolution} tokens, between two gates";
        }

        if (form is { Kind: AttentionKind.SelectiveScan, State: { } scan })
        {
            return $"{Whole(scan.ValueHeads)} channels, a state of {scan.KeySize} each; convolution over {scan.Convolution}, steps by way of rank {scan.StepRank}";
        }

        if (form is { Kind: AttentionKind.Lightning, State: { } decaying })
        {
            return $"{decaying.ValueHeads} heads of {decaying.ValueSize}, chunks of {decaying.Chunk}";
        }

        if (form.State is { } state)
        {
            string shared = form.Kind == AttentionKind.StateSpace ? "groups" : "key heads";
            return $"{state.ValueHeads} heads of {state.ValueSize}, {state.KeyHeads} {shared} of {state.KeySize}; convolution over {state.Convolution}, chunks of {state.Chunk}";
        }

        if (form.Compression is { } compression)
        {
            string entries = compression.Ratio > 0 ? $"; an entry for {compression.Ratio} tokens" : "";
            string selected = compression.Indexer is { } indexer ? $", {Whole(indexer.SelectedTokens)} selected by {indexer.Heads} index heads, {indexer.HeadSize} wide" : "";
            return $"{form.Heads} heads and one of keys that are values, {form.HeadSize} wide; query rank {Whole(compression.QueryRank)}, "
                + $"{compression.OutputGroups} output groups of rank {Whole(compression.OutputRank)}{entries}{selected}";
        }

        return form.Kind == AttentionKind.None ? "a feed-forward alone" : Of(model.Seen(form)) + (form.HasSinks ? "; sinks" : "");
    }

    /// <summary>The attention of a model whose blocks all have one, or of a form as a model is seen by it.</summary>
    public static string Of(TransformerModel model)
    {
        string gate = (model.AttentionGate ? model.Form?.Gate ?? GateOfForms(model) ?? OutputGate.PerElement : OutputGate.None) switch
        {
            OutputGate.None => "",
            OutputGate.PerHead => "; output gated head by head",
            _ => "; gated output",
        };
        if (model.Latent is { } latent)
        {
            string query = latent.QueryRank > 0 ? $"query rank {Whole(latent.QueryRank)}" : "queries projected directly";
            return $"latent, {model.Heads} heads; {query}, key-value rank {Whole(latent.KeyValueRank)}; "
                + $"head widths {latent.PlainHeadSize} plain, {latent.RotaryHeadSize} rotary, {latent.ValueHeadSize} value{gate}";
        }

        string values = model.ValueHeadSize == model.HeadSize ? "" : $", values {model.ValueHeadSize}";
        string norm = (model.Structure?.QueryKeyNorm ?? model.StatedNorm ?? QueryKeyNorm.PerHead) switch
        {
            QueryKeyNorm.None => "",
            QueryKeyNorm.AllHeads => "; query and key normalised over all heads",
            QueryKeyNorm.WithoutScale => "; query and key normalised head by head, without weights",
            QueryKeyNorm.PerHeadAndValue => "; query, key and value normalised head by head",
            _ => "; query and key normalised head by head",
        };
        string kept = model.Form switch
        {
            { Indexer: { } indexer } => $"; {Whole(indexer.SelectedTokens)} tokens in blocks of {indexer.BlockTokens} selected by {indexer.Heads} index heads, {indexer.HeadSize} wide",
            { BorrowsCache: true } => "; keys and values of an earlier block",
            { ValuesAreKeys: true } => "; values projected as keys are",
            _ => "",
        };
        string rank = model.Form is { QueryRank: > 0 } lowRank ? $"; query rank {Whole(lowRank.QueryRank)}" : "";
        return $"group-query, {model.Heads} heads, {model.KeyValueHeads} key-value heads, {model.HeadSize} wide{rank}{values}{norm}{kept}{gate}";
    }

    /// <summary>How blocks of forms gate their outputs, where some do.</summary>
    private static OutputGate? GateOfForms(TransformerModel model) =>
        model.Structure?.Pattern.Forms.FirstOrDefault(form => form is { Gate: not OutputGate.None })?.Gate;

    private static string Whole(double number) => number.ToString("N0", CultureInfo.InvariantCulture);
}
