//! Files of this crate, run by a runtime of others.

use onnx::{Attribute, Axis, Graph};
use rten::{Model, Value};

/// A perceptron of two inputs, and a weight that nothing uses.
fn file() -> Vec<u8> {
    let mut graph = Graph::default();
    let x = graph.input("x", &[Axis::Any("batch"), Axis::Fixed(2)]);
    let weight = graph.floats("linear.weight", &[3, 2], &[1.0, 0.0, 0.0, 1.0, 1.0, -1.0]);
    let bias = graph.floats("linear.bias", &[3], &[0.5, 0.0, 0.0]);
    let unused = graph.floats("unused", &[1], &[7.0]);
    graph.node("Tanh", &[&unused], &[]);
    let transposed = [("transB", Attribute::Int(1))];
    let hidden = graph.node("Gemm", &[&x, &weight, &bias], &transposed);
    let hidden = graph.node(
        "LeakyRelu",
        &[&hidden],
        &[("alpha", Attribute::Float(0.25))],
    );
    let [start, end, axis] = [1, 3, 1].map(|bound| graph.ints(&[bound]));
    let last = graph.node("Slice", &[&hidden, &start, &end, &axis], &[]);
    let two = graph.float(2.0);
    let last = graph.node("Mul", &[&last, &two], &[]);
    let order = [("perm", Attribute::Ints(vec![1, 0]))];
    let turned = graph.node("Transpose", &[&last], &order);
    graph.output("hidden", &hidden, &[Axis::Any("batch"), Axis::Fixed(3)]);
    graph.output("turned", &turned, &[Axis::Fixed(2), Axis::Any("batch")]);
    assert_eq!(graph.inputs(), ["x [batch, 2]"]);
    assert_eq!(graph.outputs(), ["hidden [batch, 3]", "turned [2, batch]"]);
    let said = [("license".to_owned(), "none".to_owned())];
    graph.encode("perceptron", ["test", "1"], &said)
}

#[test]
fn a_graph_says_what_its_operators_say_for_any_batch() {
    let model = Model::load(file()).unwrap();
    for batch in [1, 2] {
        let x = [3.0, -2.0, 0.0, 1.0][..2 * batch].to_vec();
        let x = Value::from_shape([batch, 2], x).unwrap();
        let places = ["x", "hidden", "turned"].map(|name| model.node_id(name).unwrap());
        let [hidden, turned] = model
            .run_n(vec![(places[0], x.into())], [places[1], places[2]], None)
            .unwrap();
        let (shape, hidden) = hidden.into_shape_vec::<f32, 2>().unwrap();
        assert_eq!(shape, [batch, 3]);
        assert_eq!(hidden, [3.5, -0.5, 5.0, 0.5, 1.0, -0.25][..3 * batch]);
        let (shape, turned) = turned.into_shape_vec::<f32, 2>().unwrap();
        assert_eq!(shape, [2, batch]);
        let expected = [vec![-1.0, 10.0], vec![-1.0, 2.0, 10.0, -0.5]];
        assert_eq!(turned, expected[batch - 1]);
    }
}

#[test]
fn what_no_output_needs_is_left_out_and_the_rest_is_said() {
    let file = file();
    let holds = |text: &str| file.windows(text.len()).any(|part| part == text.as_bytes());
    assert!(holds("linear.weight") && holds("license"));
    assert!(!holds("unused") && !holds("Tanh"));
    assert_eq!(file, self::file());
}

#[test]
#[should_panic(expected = "x is there already")]
fn a_name_is_taken_once() {
    let mut graph = Graph::default();
    graph.input("x", &[]);
    graph.floats("x", &[1], &[0.0]);
}
