//! Layers of networks as operators of a graph.

use backbones::StateDict;
use onnx::{Attribute, Axis, Graph, Value};

use crate::affine::Affine;

/// The epsilon of PyTorch's normalisations, and of most here.
const EPSILON: f64 = 1e-5;

/// The axis of a batch, as long as the user likes.
pub(crate) const BATCH: Axis = Axis::Any("batch");

/// A network under construction: its graph, and the weights to take from.
pub(crate) struct Net<'a> {
    pub(crate) graph: Graph,
    weights: &'a StateDict,
}

/// Feature maps, `[batch, channels, height, width]`.
#[derive(Debug, Clone)]
pub(crate) struct Maps {
    pub(crate) value: Value,
    pub(crate) channels: usize,
    /// Height and width.
    pub(crate) size: [usize; 2],
}

/// What a convolution's kernel is laid on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Window {
    pub(crate) stride: usize,
    /// Above, left, below and right.
    pub(crate) pads: [usize; 4],
}

impl Window {
    /// Every position, without padding.
    pub(crate) const PLAIN: Self = Self::new(1, 0);

    /// The same padding on all sides.
    pub(crate) const fn new(stride: usize, padding: usize) -> Self {
        Self {
            stride,
            pads: [padding; 4],
        }
    }

    /// How many positions there are on an input of this size.
    fn positions(&self, size: [usize; 2], kernel: [usize; 2]) -> [usize; 2] {
        [0, 1].map(|axis| {
            let padded = size[axis] + self.pads[axis] + self.pads[axis + 2];
            (padded - kernel[axis]) / self.stride + 1
        })
    }

    fn attributes(&self, kernel: [usize; 2]) -> [(&'static str, Attribute); 3] {
        [
            ("kernel_shape", whole(&kernel)),
            ("strides", whole(&[self.stride; 2])),
            ("pads", whole(&self.pads)),
        ]
    }
}

fn whole(numbers: &[usize]) -> Attribute {
    Attribute::Ints(numbers.iter().map(|&number| number as i64).collect())
}

impl<'a> Net<'a> {
    pub(crate) fn new(weights: &'a StateDict) -> Self {
        Self {
            graph: Graph::default(),
            weights,
        }
    }

    /// Whether there is such a parameter.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.weights.contains_key(name)
    }

    /// Shape and values of a parameter.
    ///
    /// # Panics
    ///
    /// Panics where the network has none of this name: weights were loaded strictly.
    pub(crate) fn parameter(&self, name: &str) -> (&'a [usize], &'a [f32]) {
        let weights = self.weights;
        let Some(weight) = weights.get(name) else {
            panic!("the network has no {name}");
        };
        (&weight.shape, &weight.values)
    }

    /// The weights of a layer.
    pub(crate) fn affine(&self, name: &str) -> Affine {
        let (shape, weight) = self.parameter(&format!("{name}.weight"));
        let bias = format!("{name}.bias");
        Affine {
            name: name.to_owned(),
            shape: shape.to_vec(),
            weight: weight.to_vec(),
            bias: self.has(&bias).then(|| self.parameter(&bias).1.to_vec()),
        }
    }

    /// The weights of a layer with the normalisation behind it.
    pub(crate) fn normalized(&self, name: &str, norm: &str, epsilon: f64) -> Affine {
        let (factors, summands) = self.norm(norm, epsilon);
        self.affine(name).then(&factors, &summands)
    }

    /// A batch normalisation as factors and summands.
    fn norm(&self, name: &str, epsilon: f64) -> (Vec<f64>, Vec<f64>) {
        let [gamma, beta, mean, variance] = ["weight", "bias", "running_mean", "running_var"]
            .map(|part| self.parameter(&format!("{name}.{part}")).1);
        let channels = 0..gamma.len();
        channels
            .map(|channel| {
                let [gamma, beta, mean, variance] =
                    [gamma, beta, mean, variance].map(|values| f64::from(values[channel]));
                let factor = gamma / (variance + epsilon).sqrt();
                (factor, beta - mean * factor)
            })
            .unzip()
    }

    /// A convolution of these weights.
    pub(crate) fn convolve(&mut self, layer: Affine, maps: &Maps, window: Window) -> Maps {
        let [outputs, inputs, height, width] = layer.shape[..] else {
            panic!("{} is no convolution", layer.name);
        };
        let (weight, bias) = self.place(&layer);
        let inputs_and_weights: Vec<&Value> =
            [&maps.value, &weight].into_iter().chain(&bias).collect();
        let groups = maps.channels / inputs;
        let mut attributes = window.attributes([height, width]).to_vec();
        attributes.push(("group", Attribute::Int(groups as i64)));
        let value = self.graph.node("Conv", &inputs_and_weights, &attributes);
        Maps {
            value,
            channels: outputs,
            size: window.positions(maps.size, [height, width]),
        }
    }

    /// A convolution.
    pub(crate) fn conv(&mut self, name: &str, maps: &Maps, window: Window) -> Maps {
        self.convolve(self.affine(name), maps, window)
    }

    /// A convolution and the normalisation of its outputs, as one.
    pub(crate) fn conv_norm(
        &mut self,
        [name, norm]: [&str; 2],
        maps: &Maps,
        window: Window,
    ) -> Maps {
        self.convolve(self.normalized(name, norm, EPSILON), maps, window)
    }

    /// A linear layer of `[batch, inputs]`.
    pub(crate) fn linear(&mut self, name: &str, x: &Value) -> Value {
        self.gemm(&self.affine(name), x)
    }

    /// A linear layer and the normalisation of its outputs, as one.
    pub(crate) fn linear_norm(&mut self, [name, norm]: [&str; 2], x: &Value) -> Value {
        self.gemm(&self.normalized(name, norm, EPSILON), x)
    }

    fn gemm(&mut self, layer: &Affine, x: &Value) -> Value {
        let (weight, bias) = self.place(layer);
        let inputs: Vec<&Value> = [x, &weight].into_iter().chain(&bias).collect();
        let transposed = [("transB", Attribute::Int(1))];
        self.graph.node("Gemm", &inputs, &transposed)
    }

    /// A layer's weights in the graph, under its name.
    fn place(&mut self, layer: &Affine) -> (Value, Option<Value>) {
        let Affine {
            name,
            shape,
            weight,
            bias,
        } = layer;
        let weight = self.graph.floats(&format!("{name}.weight"), shape, weight);
        let name = format!("{name}.bias");
        let bias = bias
            .as_ref()
            .map(|bias| self.graph.floats(&name, &[bias.len()], bias));
        (weight, bias)
    }

    /// A batch normalisation of maps that no convolution gave.
    pub(crate) fn norm_maps(&mut self, name: &str, maps: &Maps) -> Maps {
        let (factors, summands) = self.norm(name, EPSILON);
        let [factors, summands] =
            [("factors", factors), ("summands", summands)].map(|(part, values)| {
                let values: Vec<f32> = values.into_iter().map(|value| value as f32).collect();
                let name = format!("{name}.{part}");
                self.graph.floats(&name, &[values.len(), 1, 1], &values)
            });
        let scaled = self.graph.node("Mul", &[&maps.value, &factors], &[]);
        let value = self.graph.node("Add", &[&scaled, &summands], &[]);
        maps.with(value)
    }

    /// An operator on each value of the maps.
    pub(crate) fn each(&mut self, operator: &str, maps: &Maps) -> Maps {
        let value = self.graph.node(operator, &[&maps.value], &[]);
        maps.with(value)
    }

    /// ReLU.
    pub(crate) fn relu(&mut self, maps: &Maps) -> Maps {
        self.each("Relu", maps)
    }

    /// The sum of two stacks of maps of one shape.
    pub(crate) fn add(&mut self, a: &Maps, b: &Maps) -> Maps {
        let value = self.graph.node("Add", &[&a.value, &b.value], &[]);
        a.with(value)
    }

    /// Maps times what has their shape, or 1 in place of some axes.
    pub(crate) fn times(&mut self, maps: &Maps, factors: &Value) -> Maps {
        let value = self.graph.node("Mul", &[&maps.value, factors], &[]);
        maps.with(value)
    }

    /// The maps of several stacks, one after the other.
    pub(crate) fn stack(&mut self, parts: [&Maps; 2]) -> Maps {
        Maps {
            value: self.concat(&parts.map(|maps| &maps.value), 1),
            channels: parts.iter().map(|maps| maps.channels).sum(),
            size: parts[0].size,
        }
    }

    /// 3x3 max pooling, padded by one.
    pub(crate) fn max_pool(&mut self, maps: &Maps, stride: usize) -> Maps {
        let window = Window::new(stride, 1);
        let attributes = window.attributes([3, 3]);
        Maps {
            value: self.graph.node("MaxPool", &[&maps.value], &attributes),
            channels: maps.channels,
            size: window.positions(maps.size, [3, 3]),
        }
    }

    /// The mean of every map, `[batch, channels, 1, 1]`.
    pub(crate) fn means(&mut self, maps: &Maps) -> Maps {
        Maps {
            value: self.graph.node("GlobalAveragePool", &[&maps.value], &[]),
            channels: maps.channels,
            size: [1, 1],
        }
    }

    /// The mean of every map, `[batch, channels]`.
    pub(crate) fn pooled(&mut self, maps: &Maps) -> Value {
        let means = self.means(maps);
        self.graph.node("Flatten", &[&means.value], &[])
    }

    /// The maps at another size, bilinearly with half-pixel centres, not antialiased.
    pub(crate) fn resize(&mut self, maps: &Maps, size: [usize; 2]) -> Maps {
        if size == maps.size {
            return maps.clone();
        }
        let shape = self.graph.node("Shape", &[&maps.value], &[]);
        let kept = self.slice(&shape, 0, [0, 2]);
        let sides = self.graph.ints(&size.map(|side| side as i64));
        let wanted = self.concat(&[&kept, &sides], 0);
        let none = Value::none();
        let value = self.graph.node(
            "Resize",
            &[&maps.value, &none, &none, &wanted],
            &[
                ("mode", Attribute::Text("linear")),
                (
                    "coordinate_transformation_mode",
                    Attribute::Text("half_pixel"),
                ),
            ],
        );
        Maps {
            value,
            channels: maps.channels,
            size,
        }
    }

    /// In another shape; -1 is what is left, 0 the length that the axis has.
    pub(crate) fn reshape(&mut self, x: &Value, shape: &[i64]) -> Value {
        let shape = self.graph.ints(shape);
        self.graph.node("Reshape", &[x, &shape], &[])
    }

    /// Maps out of any value of as many channels and positions.
    pub(crate) fn maps(&mut self, x: &Value, channels: usize, size: [usize; 2]) -> Maps {
        let [height, width] = size.map(|side| side as i64);
        Maps {
            value: self.reshape(x, &[-1, channels as i64, height, width]),
            channels,
            size,
        }
    }

    /// The maps' positions in a row, `[batch, channels, height * width]`.
    pub(crate) fn rows(&mut self, maps: &Maps) -> Value {
        self.reshape(&maps.value, &[0, maps.channels as i64, -1])
    }

    /// The axes in another order.
    pub(crate) fn transpose(&mut self, x: &Value, order: &[i64]) -> Value {
        let order = Attribute::Ints(order.to_vec());
        self.graph.node("Transpose", &[x], &[("perm", order)])
    }

    /// The product of matrices.
    pub(crate) fn product(&mut self, a: &Value, b: &Value) -> Value {
        self.graph.node("MatMul", &[a, b], &[])
    }

    /// One value behind the other along an axis.
    pub(crate) fn concat(&mut self, parts: &[&Value], axis: i64) -> Value {
        let axis = [("axis", Attribute::Int(axis))];
        self.graph.node("Concat", parts, &axis)
    }

    /// The elements from `start` to before `end` of an axis.
    pub(crate) fn slice(&mut self, x: &Value, axis: i64, [start, end]: [i64; 2]) -> Value {
        let [start, end, axis] = [start, end, axis].map(|bound| self.graph.ints(&[bound]));
        self.graph.node("Slice", &[x, &start, &end, &axis], &[])
    }

    /// Zeros before the first and after the last element of an axis of a value of five axes or four.
    pub(crate) fn pad(&mut self, x: &Value, (axis, axes): (usize, usize), pads: [i64; 2]) -> Value {
        let mut all = vec![0; 2 * axes];
        [all[axis], all[axes + axis]] = pads;
        let all = self.graph.ints(&all);
        self.graph.node("Pad", &[x, &all], &[])
    }

    /// The softmax along an axis.
    pub(crate) fn softmax(&mut self, x: &Value, axis: i64) -> Value {
        let axis = [("axis", Attribute::Int(axis))];
        self.graph.node("Softmax", &[x], &axis)
    }

    /// Two values by an operator, the second a number.
    pub(crate) fn with_number(&mut self, operator: &str, x: &Value, number: f64) -> Value {
        let number = self.graph.float(number as f32);
        self.graph.node(operator, &[x, &number], &[])
    }

    /// Values kept between two bounds.
    pub(crate) fn clip(&mut self, x: &Value, [least, most]: [f64; 2]) -> Value {
        let [least, most] = [least, most].map(|bound| self.graph.float(bound as f32));
        self.graph.node("Clip", &[x, &least, &most], &[])
    }
}

impl Maps {
    /// Another value of the same shape.
    pub(crate) fn with(&self, value: Value) -> Self {
        Self {
            value,
            ..self.clone()
        }
    }

    /// Number of positions.
    pub(crate) fn positions(&self) -> usize {
        self.size[0] * self.size[1]
    }
}
