//! A graph under construction.

use std::collections::HashSet;

use prost::Message;

use crate::proto::{
    AttributeProto, Dimension, Entry, FLOAT, GraphProto, INT64, Model, Node, Opset, Shape, Size,
    Tensor, TensorType, Type, ValueInfo,
};

/// The version of ONNX's own operators. ONNX Runtime, OpenVINO and onnxruntime-web all have it.
pub const OPSET: i64 = 17;

/// The version of the file's format that came with [`OPSET`].
const IR_VERSION: i64 = 8;

/// What flows along an edge: an input, a weight, or what a node gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Value(String);

/// The length of an axis of an input or output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Axis {
    /// So many.
    Fixed(usize),
    /// Any number, but the same wherever this name stands.
    Any(&'static str),
}

/// An attribute of a node.
#[derive(Debug, Clone, PartialEq)]
pub enum Attribute {
    /// A whole number.
    Int(i64),
    /// A real number.
    Float(f32),
    /// Whole numbers.
    Ints(Vec<i64>),
    /// A word.
    Text(&'static str),
}

/// A graph of ONNX's operators, of which each takes values that are there already.
///
/// What an operator takes and gives is said at <https://onnx.ai/onnx/operators>. Nothing is checked here
/// but names: a graph that makes no sense is refused by who runs it.
#[derive(Debug, Default)]
pub struct Graph {
    nodes: Vec<Node>,
    weights: Vec<Tensor>,
    inputs: Vec<ValueInfo>,
    outputs: Vec<ValueInfo>,
    names: HashSet<String>,
}

impl Graph {
    /// An input of 32-bit floats.
    ///
    /// # Panics
    ///
    /// Panics if the name is taken.
    pub fn input(&mut self, name: &str, shape: &[Axis]) -> Value {
        let value = self.named(name.to_owned());
        self.inputs.push(value_info(name, shape));
        value
    }

    /// A value of the graph, 32-bit floats, as an output of this name.
    ///
    /// # Panics
    ///
    /// Panics if the name is taken.
    pub fn output(&mut self, name: &str, value: &Value, shape: &[Axis]) {
        let Value(name) = self.named(name.to_owned());
        self.outputs.push(value_info(&name, shape));
        self.push("Identity", &[value], &[], name);
    }

    /// Weights: `values` row by row.
    ///
    /// # Panics
    ///
    /// Panics if the name is taken, or if there are more or fewer values than the shape says.
    pub fn floats(&mut self, name: &str, shape: &[usize], values: &[f32]) -> Value {
        assert_eq!(
            shape.iter().product::<usize>(),
            values.len(),
            "values of {name} for {shape:?}"
        );
        let bytes = values.iter().flat_map(|value| value.to_le_bytes());
        let dims = shape.iter().map(|&length| length as i64).collect();
        self.weight(name.to_owned(), dims, FLOAT, bytes.collect())
    }

    /// A row of whole numbers, as operators take shapes, axes and bounds.
    pub fn ints(&mut self, values: &[i64]) -> Value {
        let bytes = values.iter().flat_map(|value| value.to_le_bytes());
        let name = self.free("ints");
        self.weight(name, vec![values.len() as i64], INT64, bytes.collect())
    }

    /// A single number.
    pub fn float(&mut self, value: f32) -> Value {
        let name = self.free("float");
        self.weight(name, Vec::new(), FLOAT, value.to_le_bytes().into())
    }

    /// What an operator's first output gives. An input that is left out is [`Value::none`].
    pub fn node(
        &mut self,
        operator: &str,
        inputs: &[&Value],
        attributes: &[(&str, Attribute)],
    ) -> Value {
        let name = self.free(operator);
        let value = self.named(name.clone());
        self.push(operator, inputs, attributes, name);
        value
    }

    /// Its inputs for a person, such as `images [batch, 3, 160, 160]`.
    #[must_use]
    pub fn inputs(&self) -> Vec<String> {
        self.inputs.iter().map(in_words).collect()
    }

    /// Its outputs, likewise.
    #[must_use]
    pub fn outputs(&self) -> Vec<String> {
        self.outputs.iter().map(in_words).collect()
    }

    /// The file: all that the outputs need, with what else there is to say as pairs of key and value.
    /// The same calls give the same bytes.
    #[must_use]
    pub fn encode(
        mut self,
        name: &str,
        [producer, version]: [&str; 2],
        metadata: &[(String, String)],
    ) -> Vec<u8> {
        self.drop_unneeded();
        let entry = |(key, value): &(String, String)| Entry {
            key: key.clone(),
            value: value.clone(),
        };
        let model = Model {
            ir_version: IR_VERSION,
            producer_name: producer.to_owned(),
            producer_version: version.to_owned(),
            graph: Some(GraphProto {
                node: self.nodes,
                name: name.to_owned(),
                initializer: self.weights,
                input: self.inputs,
                output: self.outputs,
            }),
            opset_import: vec![Opset { version: OPSET }],
            metadata_props: metadata.iter().map(entry).collect(),
        };
        model.encode_to_vec()
    }

    /// Nodes come after those that they take from, so that one walk from the end meets all that is needed.
    fn drop_unneeded(&mut self) {
        let outputs = self.outputs.iter();
        let mut needed: HashSet<String> = outputs.map(|output| output.name.clone()).collect();
        let mut kept = Vec::with_capacity(self.nodes.len());
        while let Some(node) = self.nodes.pop() {
            if node.output.iter().any(|output| needed.contains(output)) {
                needed.extend(node.input.iter().cloned());
                kept.push(node);
            }
        }
        kept.reverse();
        self.nodes = kept;
        self.weights.retain(|weight| needed.contains(&weight.name));
    }

    fn push(
        &mut self,
        operator: &str,
        inputs: &[&Value],
        attributes: &[(&str, Attribute)],
        output: String,
    ) {
        self.nodes.push(Node {
            input: inputs.iter().map(|Value(name)| name.clone()).collect(),
            name: output.clone(),
            output: vec![output],
            op_type: operator.to_owned(),
            attribute: attributes.iter().map(attribute).collect(),
        });
    }

    fn weight(&mut self, name: String, dims: Vec<i64>, data_type: i32, raw_data: Vec<u8>) -> Value {
        let value = self.named(name.clone());
        self.weights.push(Tensor {
            dims,
            data_type,
            name,
            raw_data,
        });
        value
    }

    /// A name that is not taken.
    fn free(&self, stem: &str) -> String {
        format!("{stem}_{}", self.names.len())
    }

    fn named(&mut self, name: String) -> Value {
        assert!(self.names.insert(name.clone()), "{name} is there already");
        Value(name)
    }
}

impl Value {
    /// What stands for an input that is left out.
    #[must_use]
    pub fn none() -> Self {
        Self(String::new())
    }
}

fn attribute((name, value): &(&str, Attribute)) -> AttributeProto {
    let (mut f, mut i, mut s, mut ints) = (None, None, None, Vec::new());
    let kind = match value {
        Attribute::Float(value) => {
            f = Some(*value);
            1
        }
        Attribute::Int(value) => {
            i = Some(*value);
            2
        }
        Attribute::Text(word) => {
            s = Some(word.as_bytes().to_vec());
            3
        }
        Attribute::Ints(values) => {
            ints.clone_from(values);
            7
        }
    };
    AttributeProto {
        name: (*name).to_owned(),
        f,
        i,
        s,
        ints,
        kind,
    }
}

fn in_words(ValueInfo { name, r#type }: &ValueInfo) -> String {
    let shape = r#type.iter().flat_map(|of| &of.tensor_type);
    let axes = shape.flat_map(|of| &of.shape).flat_map(|of| &of.dim);
    let axes = axes.flat_map(|axis| &axis.size).map(|size| match size {
        Size::Value(length) => length.to_string(),
        Size::Param(name) => name.clone(),
    });
    format!("{name} [{}]", axes.collect::<Vec<_>>().join(", "))
}

fn value_info(name: &str, shape: &[Axis]) -> ValueInfo {
    let dim = |axis: &Axis| Dimension {
        size: Some(match *axis {
            Axis::Fixed(length) => Size::Value(length as i64),
            Axis::Any(name) => Size::Param(name.to_owned()),
        }),
    };
    let shape = Shape {
        dim: shape.iter().map(dim).collect(),
    };
    ValueInfo {
        name: name.to_owned(),
        r#type: Some(Type {
            tensor_type: Some(TensorType {
                elem_type: FLOAT,
                shape: Some(shape),
            }),
        }),
    }
}
