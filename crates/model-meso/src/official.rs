//! The published weights.

/// What layers of the published files are here: their names, and the beginnings of ours. Keras numbered
/// its layers as they were built, the pointwise convolution of a branch before the dilated one.
const LAYERS: [(&str, &str); 22] = [
    ("conv2d_1", "inception1.pointwise"),
    ("conv2d_2", "inception1.reduce.0"),
    ("conv2d_3", "inception1.dilated.0"),
    ("conv2d_4", "inception1.reduce.1"),
    ("conv2d_5", "inception1.dilated.1"),
    ("conv2d_6", "inception1.reduce.2"),
    ("conv2d_7", "inception1.dilated.2"),
    ("batch_normalization_1", "norm1"),
    ("conv2d_8", "inception2.pointwise"),
    ("conv2d_9", "inception2.reduce.0"),
    ("conv2d_10", "inception2.dilated.0"),
    ("conv2d_11", "inception2.reduce.1"),
    ("conv2d_12", "inception2.dilated.1"),
    ("conv2d_13", "inception2.reduce.2"),
    ("conv2d_14", "inception2.dilated.2"),
    ("batch_normalization_2", "norm2"),
    ("conv2d_15", "conv3"),
    ("batch_normalization_3", "norm3"),
    ("conv2d_16", "conv4"),
    ("batch_normalization_4", "norm4"),
    ("dense_1", "hidden"),
    ("dense_2", "fc"),
];

/// Beginnings of names in the published files, and those of the network that they stand for. What follows is
/// `weight`, `bias`, `running_mean` or `running_var`, in PyTorch's layout.
pub fn official_names() -> Vec<(String, String)> {
    let dotted = |name: &str| format!("{name}.");
    let pairs = LAYERS.iter();
    pairs
        .map(|(theirs, ours)| (dotted(theirs), dotted(ours)))
        .collect()
}
