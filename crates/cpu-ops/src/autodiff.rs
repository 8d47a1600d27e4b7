//! Their gradients, as steps of Burn's automatic differentiation.

use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::autodiff::{Autodiff, NodeId};
use burn::backend::ops::{ActivationOps, FloatTensorOps};
use burn::backend::tensor::FloatTensor;
use burn::backend::{AutodiffBackend, Flex, TensorMetadata};

use crate::adam::AdamStep;
use crate::norm::Bounds;
use crate::ops::{
    CpuOps, Padding, Values, contiguous, depthwise_weight, geometry, lines, own, planes, pooling,
    slice, tensor,
};
use crate::{dense, depthwise, norm, pool, residual};

/// A tensor with its place in the graph.
type Tracked<C> = FloatTensor<Autodiff<Flex, C>>;

impl<C: CheckpointStrategy> CpuOps for Autodiff<Flex, C> {
    fn cpu_conv2d(
        maps: Tracked<C>,
        weight: Tracked<C>,
        stride: [usize; 2],
        padding: Padding,
    ) -> Tracked<C> {
        let step = Convolution { stride, padding }.prepare::<C>([maps.node(), weight.node()]);
        match step.compute_bound().stateful() {
            OpsKind::Tracked(mut step) => {
                let state = [step.checkpoint(&maps), step.checkpoint(&weight)];
                let (maps, weight) = (maps.into_primitive(), weight.into_primitive());
                step.finish(state, Flex::cpu_conv2d(maps, weight, stride, padding))
            }
            OpsKind::UnTracked(step) => {
                let (maps, weight) = (maps.into_primitive(), weight.into_primitive());
                step.finish(Flex::cpu_conv2d(maps, weight, stride, padding))
            }
        }
    }

    fn cpu_max_pool2d(
        maps: Tracked<C>,
        kernel: [usize; 2],
        stride: [usize; 2],
        padding: Padding,
    ) -> Tracked<C> {
        let pool = |maps: Values| Flex::cpu_max_pool2d(maps, kernel, stride, padding);
        let step = MaxPool {
            kernel,
            stride,
            padding,
        };
        match step.prepare::<C>([maps.node()]).compute_bound().stateful() {
            OpsKind::Tracked(mut step) => {
                let node = step.checkpoint(&maps);
                let out = pool(maps.into_primitive());
                step.finish((node, out.clone()), out)
            }
            OpsKind::UnTracked(step) => step.finish(pool(maps.into_primitive())),
        }
    }

    fn cpu_batch_norm(
        maps: Tracked<C>,
        gamma: Tracked<C>,
        beta: Tracked<C>,
        epsilon: f64,
        bounds: Bounds,
    ) -> (Tracked<C>, Tracked<C>, Tracked<C>) {
        let step = Normalisation { epsilon, bounds }
            .prepare::<C>([maps.node(), gamma.node(), beta.node()])
            .compute_bound()
            .stateful();
        let parameters = [&maps, &gamma, &beta].map(|tensor| tensor.primitive().clone());
        let normalise = |[maps, gamma, beta]: [Values; 3]| {
            Flex::cpu_batch_norm(maps, gamma, beta, epsilon, bounds)
        };
        let (out, mean, variance) = match step {
            OpsKind::Tracked(mut step) => {
                let nodes = [&maps, &gamma, &beta].map(|tensor| step.checkpoint(tensor));
                let (out, mean, variance) = normalise(parameters);
                let state = (nodes, mean.clone(), variance.clone());
                (step.finish(state, out), mean, variance)
            }
            OpsKind::UnTracked(step) => {
                let (out, mean, variance) = normalise(parameters);
                (step.finish(out), mean, variance)
            }
        };
        (out, Self::from_inner(mean), Self::from_inner(variance))
    }

    fn cpu_affine(
        maps: Tracked<C>,
        centre: Tracked<C>,
        scale: Tracked<C>,
        shift: Tracked<C>,
        bounds: Bounds,
    ) -> Tracked<C> {
        let step = Affine { bounds }.prepare::<C>([maps.node()]);
        let lines = [centre, scale, shift].map(FloatTensor::<Self>::into_primitive);
        let affine = |maps: Values, [centre, scale, shift]: [Values; 3]| {
            Flex::cpu_affine(maps, centre, scale, shift, bounds)
        };
        match step.compute_bound().stateful() {
            OpsKind::Tracked(mut step) => {
                let state = (step.checkpoint(&maps), lines.clone());
                step.finish(state, affine(maps.into_primitive(), lines))
            }
            OpsKind::UnTracked(step) => step.finish(affine(maps.into_primitive(), lines)),
        }
    }

    fn cpu_adam(
        parameter: Tracked<C>,
        gradient: Tracked<C>,
        means: Tracked<C>,
        squares: Tracked<C>,
        step: AdamStep,
    ) -> (Tracked<C>, Tracked<C>, Tracked<C>) {
        let inner = FloatTensor::<Self>::into_primitive;
        let (parameter, means, squares) = Flex::cpu_adam(
            inner(parameter),
            inner(gradient),
            inner(means),
            inner(squares),
            step,
        );
        let outer = Self::from_inner;
        (outer(parameter), outer(means), outer(squares))
    }

    fn cpu_prelu(maps: Tracked<C>, slopes: Tracked<C>) -> Tracked<C> {
        let mut shape = vec![1; maps.shape().num_dims()];
        shape[1] = slopes.shape().num_elements();
        Self::prelu(maps, Self::float_reshape(slopes, shape.into()))
    }

    fn cpu_add_relu(a: Tracked<C>, b: Tracked<C>) -> Tracked<C> {
        let step = AddRelu.prepare::<C>([a.node(), b.node()]);
        let sum = Flex::cpu_add_relu(a.into_primitive(), b.into_primitive());
        match step.compute_bound().stateful() {
            OpsKind::Tracked(step) => step.finish(sum.clone(), sum),
            OpsKind::UnTracked(step) => step.finish(sum),
        }
    }
}

#[derive(Debug)]
struct MaxPool {
    kernel: [usize; 2],
    stride: [usize; 2],
    padding: Padding,
}

impl Backward<Flex, 1> for MaxPool {
    /// The maps; what came out.
    type State = (NodeId, Values);

    fn backward(
        self,
        ops: Ops<Self::State, 1>,
        gradients: &mut Gradients,
        checkpointer: &mut Checkpointer,
    ) {
        let gradient = contiguous(gradients.consume::<Flex>(&ops.node));
        let (maps, out) = ops.state;
        let maps = contiguous(checkpointer.retrieve_node_output::<Values>(maps));
        let geometry = pooling(&maps, self.kernel, self.stride, self.padding);
        let back = pool::gradient(slice(&maps), slice(&out), slice(&gradient), &geometry);
        if let [Some(node)] = ops.parents {
            let back = tensor(back, maps.shape().dims::<4>());
            gradients.register::<Flex>(node.id, back);
        }
    }
}

#[derive(Debug)]
struct AddRelu;

impl Backward<Flex, 2> for AddRelu {
    /// What came out.
    type State = Values;

    fn backward(
        self,
        ops: Ops<Self::State, 2>,
        gradients: &mut Gradients,
        _checkpointer: &mut Checkpointer,
    ) {
        let mut gradient = own(gradients.consume::<Flex>(&ops.node));
        residual::pass(gradient.storage_mut(), slice(&ops.state));
        for node in ops.parents.into_iter().flatten() {
            gradients.register::<Flex>(node.id, gradient.clone());
        }
    }
}

#[derive(Debug)]
struct Convolution {
    stride: [usize; 2],
    padding: Padding,
}

impl Backward<Flex, 2> for Convolution {
    /// The maps and the weights.
    type State = [NodeId; 2];

    fn backward(
        self,
        ops: Ops<Self::State, 2>,
        gradients: &mut Gradients,
        checkpointer: &mut Checkpointer,
    ) {
        let gradient = contiguous(gradients.consume::<Flex>(&ops.node));
        let [maps, weight] = ops
            .state
            .map(|node| contiguous(checkpointer.retrieve_node_output::<Values>(node)));
        let geometry = geometry(&maps, &weight, self.stride, self.padding);
        let [maps_node, weight_node] = ops.parents;
        if let Some(node) = maps_node {
            let of_maps = if depthwise_weight(&geometry, &weight) {
                depthwise::maps_gradient
            } else {
                dense::maps_gradient
            };
            let values = of_maps(slice(&gradient), slice(&weight), &geometry);
            gradients.register::<Flex>(node.id, tensor(values, maps.shape().dims::<4>()));
        }
        if let Some(node) = weight_node {
            let of_weight = if depthwise_weight(&geometry, &weight) {
                depthwise::weight_gradient
            } else {
                dense::weight_gradient
            };
            let values = of_weight(slice(&maps), slice(&gradient), &geometry);
            gradients.register::<Flex>(node.id, tensor(values, weight.shape().dims::<4>()));
        }
    }
}

#[derive(Debug)]
struct Normalisation {
    epsilon: f64,
    bounds: Bounds,
}

impl Backward<Flex, 3> for Normalisation {
    /// The maps, gamma and beta; mean and variance.
    type State = ([NodeId; 3], Values, Values);

    fn backward(
        self,
        ops: Ops<Self::State, 3>,
        gradients: &mut Gradients,
        checkpointer: &mut Checkpointer,
    ) {
        let mut gradient = own(gradients.consume::<Flex>(&ops.node));
        let (nodes, mean, variance) = ops.state;
        let [maps, gamma, beta] =
            nodes.map(|node| contiguous(checkpointer.retrieve_node_output::<Values>(node)));
        let shape = planes(&maps);
        let (of_gamma, of_beta) = norm::gradients(
            slice(&maps),
            gradient.storage_mut(),
            shape,
            [&gamma, &beta, &mean, &variance].map(slice),
            self.epsilon,
            self.bounds,
        );
        let [maps_node, gamma_node, beta_node] = ops.parents;
        if let Some(node) = maps_node {
            gradients.register::<Flex>(node.id, gradient);
        }
        for (node, values) in [(gamma_node, of_gamma), (beta_node, of_beta)] {
            if let Some(node) = node {
                let channels = [values.len()];
                gradients.register::<Flex>(node.id, tensor(values, channels));
            }
        }
    }
}

#[derive(Debug)]
struct Affine {
    bounds: Bounds,
}

impl Backward<Flex, 1> for Affine {
    /// The maps; centres, scales and shifts.
    type State = (NodeId, [Values; 3]);

    fn backward(
        self,
        ops: Ops<Self::State, 1>,
        gradients: &mut Gradients,
        checkpointer: &mut Checkpointer,
    ) {
        let mut gradient = own(gradients.consume::<Flex>(&ops.node));
        let (maps, parameters) = ops.state;
        let maps = contiguous(checkpointer.retrieve_node_output::<Values>(maps));
        let [_, _, area] = planes(&maps);
        let lines = lines(parameters);
        norm::line_gradient(
            slice(&maps),
            gradient.storage_mut(),
            &lines,
            self.bounds,
            area,
        );
        if let [Some(node)] = ops.parents {
            gradients.register::<Flex>(node.id, gradient);
        }
    }
}
