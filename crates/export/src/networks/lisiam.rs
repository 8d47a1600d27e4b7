//! LiSiam: the OCR block, the segmentation, and the classifier that compares real and forged parts.

use model_lisiam::LisiamConfig;
use onnx::Value;

use crate::{
    layers::{Maps, Net, Window},
    verdict::{channel, forged_share, heat_map},
};

/// The class logits; the output `heat_map`.
pub(crate) fn lisiam(net: &mut Net<'_>, config: &LisiamConfig, maps: &[Maps]) -> Value {
    let features = ocr(net, config, maps);
    let segmentation = net.conv("decoder", &features, Window::PLAIN);
    let forged = forged_share(net, &segmentation);
    heat_map(net, &forged, [config.input_size; 2]);
    let encoded = scu(net, &features);
    let encoded = match config.mask_guided_transformer {
        true => transformer(net, config, &segmentation, &encoded),
        false => encoded,
    };
    let pooled = net.pooled(&encoded);
    let hidden = net.linear_norm(["mlp.hidden", "mlp.norm"], &pooled);
    let hidden = net.graph.node("Relu", &[&hidden], &[]);
    net.linear("mlp.out", &hidden)
}

/// A convolution that keeps the size, its normalisation, ReLU.
fn conv_norm_relu(net: &mut Net<'_>, name: &str, maps: &Maps) -> Maps {
    let [conv, norm] = ["conv", "norm"].map(|part| format!("{name}.{part}"));
    let (shape, _) = net.parameter(&format!("{conv}.weight"));
    let window = Window::new(1, shape[2] / 2);
    let maps = net.conv_norm([&conv, &norm], maps, window);
    net.relu(&maps)
}

/// Every pixel by its own feature and those of the two object regions.
fn ocr(net: &mut Net<'_>, config: &LisiamConfig, maps: &[Maps]) -> Maps {
    let coarse = conv_norm_relu(net, "ocr.auxiliary", &maps[config.auxiliary_map]);
    let coarse = net.conv("ocr.auxiliary_logits", &coarse, Window::PLAIN);
    let pixels = conv_norm_relu(net, "ocr.bottleneck", &maps[config.feature_map]);
    let coarse = net.resize(&coarse, pixels.size);
    let regions = object_regions(net, &coarse, &pixels);
    let context = object_context(net, &pixels, &regions);
    let both = net.stack(match config.official_order {
        true => [&context, &pixels],
        false => [&pixels, &context],
    });
    conv_norm_relu(net, "ocr.fuse", &both)
}

/// The pixels' means, weighed by the coarse segmentation's softmax over space; of size 2 x 1.
fn object_regions(net: &mut Net<'_>, coarse: &Maps, pixels: &Maps) -> Maps {
    let coarse_rows = net.rows(coarse);
    let weights = net.softmax(&coarse_rows, 2);
    let weights = net.transpose(&weights, &[0, 2, 1]);
    let rows = net.rows(pixels);
    let regions = net.product(&rows, &weights);
    net.maps(&regions, pixels.channels, [coarse.channels, 1])
}

/// For every pixel the regions, weighed by its relation to each.
fn object_context(net: &mut Net<'_>, pixels: &Maps, regions: &Maps) -> Maps {
    let mut transform = |name: &str, maps: &Maps| {
        let first = conv_norm_relu(net, &format!("ocr.{name}.0"), maps);
        let second = conv_norm_relu(net, &format!("ocr.{name}.1"), &first);
        net.rows(&second)
    };
    let (query, key) = (transform("query", pixels), transform("key", regions));
    let value = conv_norm_relu(net, "ocr.value", regions);
    let relation = value.channels;
    let value = net.rows(&value);
    let query = net.transpose(&query, &[0, 2, 1]);
    let scores = net.product(&query, &key);
    let scores = net.with_number("Div", &scores, (relation as f64).sqrt());
    let weights = net.softmax(&scores, 2);
    let weights = net.transpose(&weights, &[0, 2, 1]);
    let context = net.product(&value, &weights);
    let context = net.maps(&context, relation, pixels.size);
    conv_norm_relu(net, "ocr.context", &context)
}

/// The separable convolution unit (Eq. 4).
fn scu(net: &mut Net<'_>, features: &Maps) -> Maps {
    let down = net.conv("scu.down_1", features, Window::new(2, 1));
    let point = net.conv_norm(["scu.point_1", "scu.norm_1"], &down, Window::new(1, 1));
    let point = net.relu(&point);
    let down = net.conv("scu.down_2", &point, Window::new(2, 1));
    net.conv_norm(["scu.point_2", "scu.norm_2"], &down, Window::new(1, 1))
}

/// The mask-guided transformer (Eq. 5 to 14).
fn transformer(
    net: &mut Net<'_>,
    config: &LisiamConfig,
    segmentation: &Maps,
    features: &Maps,
) -> Maps {
    let shares = net.softmax(&segmentation.value, 1);
    let attention = net.resize(&segmentation.with(shares), features.size);
    let [real, fake] = [0, 1].map(|class| {
        let share = channel(net, &attention, class);
        net.times(features, &share.value)
    });
    let mut rows = |name: &str, maps: &Maps| {
        let maps = net.conv(&format!("transformer.{name}"), maps, Window::PLAIN);
        (net.rows(&maps), maps.channels)
    };
    let ((query, _), (key, _)) = (rows("query", &fake), rows("key", &real));
    let (value, inner) = rows("value", &real);
    let query = net.transpose(&query, &[0, 2, 1]);
    let scores = net.product(&query, &key);
    let weights = net.softmax(&scores, 2);
    let weights = net.transpose(&weights, &[0, 2, 1]);
    let attended = net.product(&value, &weights);
    let attended = net.maps(&attended, inner, features.size);
    let names = ["transformer.out", "transformer.out_norm"];
    let transformed = net.conv_norm(names, &attended, Window::PLAIN);
    let mut sum = net.add(&transformed, &fake);
    if config.normalized_sum {
        sum = net.norm_maps("transformer.sum_norm", &sum);
    }
    let both = net.stack(match config.official_order {
        true => [features, &sum],
        false => [&sum, features],
    });
    excited(net, &both)
}

/// Each channel weighed by a number that the means of all give.
fn excited(net: &mut Net<'_>, maps: &Maps) -> Maps {
    let means = net.pooled(maps);
    let squeezed = net.linear("transformer.excitation.squeeze", &means);
    let squeezed = net.graph.node("Relu", &[&squeezed], &[]);
    let weights = net.linear("transformer.excitation.excite", &squeezed);
    let weights = net.graph.node("Sigmoid", &[&weights], &[]);
    let weights = net.maps(&weights, maps.channels, [1, 1]);
    net.times(maps, &weights.value)
}
