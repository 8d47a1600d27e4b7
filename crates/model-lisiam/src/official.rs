//! The names of the authors' code.

use backbones::Aliases;

/// What the authors' code calls the parts of its model `LiSiam_A`, for
/// [`load_weights`](backbones::load_weights). The network that it builds has
/// [`ScuConvolution::Full`](crate::ScuConvolution::Full) convolutions, a normalised sum and the
/// official order.
pub fn official_names() -> Aliases {
    let layers = |theirs: &str, ours: &str| {
        [("0.", "conv."), ("1.", "norm.")]
            .map(|(t, o)| (format!("{theirs}{t}"), format!("{ours}{o}")))
    };
    let named = |(theirs, ours): (&str, &str)| (format!("{theirs}."), format!("{ours}."));
    let block = "object_context_block.";
    let blocks = [
        ("bottleneck.".to_owned(), "ocr.bottleneck."),
        ("auxiliary_decoder.".to_owned(), "ocr.auxiliary."),
        (format!("{block}query_project.0."), "ocr.query.0."),
        (format!("{block}query_project.1."), "ocr.query.1."),
        (format!("{block}key_project.0."), "ocr.key.0."),
        (format!("{block}key_project.1."), "ocr.key.1."),
        (format!("{block}value_project."), "ocr.value."),
        (format!("{block}out_project."), "ocr.context."),
        (format!("{block}bottleneck."), "ocr.fuse."),
    ];
    let singles = [
        ("backbone_net", "backbone"),
        ("auxiliary_decoder.4", "ocr.auxiliary_logits"),
        ("segDecoder.1", "decoder"),
        ("clsE.0", "scu.down_1"),
        ("clsE.1", "scu.point_1"),
        ("clsE.2", "scu.norm_1"),
        ("clsE.5", "scu.down_2"),
        ("clsE.6", "scu.point_2"),
        ("clsE.7", "scu.norm_2"),
        ("Qf", "transformer.query"),
        ("Kf", "transformer.key"),
        ("Vf", "transformer.value"),
        ("W_z.0", "transformer.out"),
        ("W_z.1", "transformer.out_norm"),
        ("BN", "transformer.sum_norm"),
        ("se.fc.0", "transformer.excitation.squeeze"),
        ("se.fc.2", "transformer.excitation.excite"),
        ("getScore.0", "mlp.hidden"),
        ("getScore.1", "mlp.norm"),
        ("getScore.3", "mlp.out"),
    ];
    let blocks = blocks
        .iter()
        .flat_map(|(theirs, ours)| layers(theirs, ours));
    blocks.chain(singles.map(named)).collect()
}
