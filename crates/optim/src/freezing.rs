//! Parts of a network that do not learn for a stage.

use burn::{
    module::{Flag, Module, ModuleVisitor, Param, ParamGroup, ParamId},
    tensor::Tensor,
};
use experiment::Stage;

/// The network with the parts of `stage` frozen, and no others. With `statistics`, the running
/// statistics of the frozen parts are kept, too.
#[must_use]
pub fn freeze<M: Module>(stage: &Stage, model: M, statistics: bool) -> M {
    // Running statistics are one update behind until asked for, and a frozen layer's would stay
    // so.
    drop(model.valid());
    let model = model.unfreeze();
    let is_frozen = |path: &str| stage.frozen.iter().any(|name| lies_in(path, name));
    let parameters = Parameters::of(&model).into_iter();
    let frozen = parameters.filter_map(|(path, id)| is_frozen(&path).then_some(id));
    let group = ParamGroup::from_ids(frozen.collect());
    match statistics {
        true => model.freeze_group(group),
        false => model.set_require_grad_group(group, false),
    }
}

/// Refuses stages that freeze a part that `model` does not have.
///
/// # Errors
/// Which stage and part, and what the network has in its place.
pub fn check_frozen<M: Module>(stages: &[Stage], model: &M) -> Result<(), String> {
    let paths: Vec<String> = Parameters::of(model).into_iter().map(|at| at.0).collect();
    let is_there = |name: &str| paths.iter().any(|path| lies_in(path, name));
    for stage in stages {
        if let Some(name) = stage.frozen.iter().find(|name| !is_there(name)) {
            // What lies beside the first part of the name that is not there.
            let ends = name.match_indices('.').map(|(end, _)| end);
            let there = ends.take_while(|end| is_there(&name[..*end])).last();
            let before = there.map_or(0, |end| end + 1);
            let within = paths
                .iter()
                .filter_map(|path| path.strip_prefix(&name[..before]));
            let mut known: Vec<&str> = within.filter_map(|rest| rest.split('.').next()).collect();
            known.dedup();
            return Err(format!(
                "stages.frozen: stage '{}' freezes `{name}`, which the network does not have; known: {}",
                stage.name,
                known.join(", ")
            ));
        }
    }
    Ok(())
}

/// Whether the parameter at `path` is `name`, or lies in the part of that name.
fn lies_in(path: &str, name: &str) -> bool {
    path.strip_prefix(name)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// All that a network holds, in its order: parameters, running statistics, and the switches of its
/// layers.
#[derive(Default)]
struct Parameters {
    /// Of each, where it is, as `backbone.layer1.0.conv1.weight`, and its identifier.
    found: Vec<(String, ParamId)>,
    at: Vec<String>,
}

impl Parameters {
    fn of<M: Module>(model: &M) -> Vec<(String, ParamId)> {
        let mut parameters = Self::default();
        model.visit(&mut parameters);
        parameters.found
    }

    fn add(&mut self, id: ParamId) {
        let parts = self.at.iter().map(String::as_str);
        let path: Vec<&str> = parts.filter(|part| !part.is_empty()).collect();
        self.found.push((path.join("."), id));
    }
}

impl ModuleVisitor for Parameters {
    fn enter_module(&mut self, name: &str, container: &str) {
        // Which variant of an enum a network has, as of `AnyBackbone`, is no part of a name.
        let variant = container.starts_with("Enum:");
        self.at.push(if variant { "" } else { name }.to_owned());
    }

    fn exit_module(&mut self, _: &str, _: &str) {
        self.at.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        self.add(param.id);
    }

    fn visit_flag(&mut self, flag: &Param<Flag>) {
        self.add(flag.id);
    }
}

#[cfg(test)]
mod tests {
    use backbones::{AnyBackbone, BackboneConfig, ResNetConfig, ResNetDepth};
    use runtime::{DeviceName, Purpose, generator};

    use super::*;

    /// The identifiers of what learns.
    #[derive(Default)]
    struct Learning(Vec<ParamId>);

    impl ModuleVisitor for Learning {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            self.0.extend(param.is_require_grad().then_some(param.id));
        }
    }

    fn learning(model: &AnyBackbone) -> Vec<String> {
        let mut learning = Learning::default();
        model.visit(&mut learning);
        let mut parameters = Parameters::of(model);
        parameters.retain(|(_, id)| learning.0.contains(id));
        parameters.into_iter().map(|(path, _)| path).collect()
    }

    #[test]
    fn what_a_stage_freezes_does_not_learn_and_must_be_there() {
        let device = DeviceName::Cpu.open().unwrap().autodiff();
        let backbone = BackboneConfig::ResNet(ResNetConfig {
            depth: ResNetDepth::ResNet18,
            base_width: 2,
            stages: 1,
            ..ResNetConfig::default()
        });
        let mut rng = generator(0, Purpose::Weights, 0, 0);
        let network = backbone.init(&device, &mut rng).unwrap();
        let freezing = |name: &str| Stage {
            name: "first".into(),
            frozen: vec![name.into()],
            ..Stage::default()
        };

        let stage = freezing("layer1.0");
        check_frozen(std::slice::from_ref(&stage), &network).unwrap();
        let mut expected = learning(&network);
        assert_eq!(expected.len(), 15);
        expected.retain(|path| !path.starts_with("layer1.0."));
        let network = freeze(&stage, network, true);
        assert_eq!((expected.len(), learning(&network)), (9, expected));
        let network = freeze(&Stage::default(), network, true);
        assert_eq!(learning(&network).len(), 15);

        for (name, known) in [
            ("layr1", "conv1, bn1, layer1"),
            ("layer1.7.conv1", "0, 1"),
            ("", "conv1, bn1, layer1"),
        ] {
            let refusal = check_frozen(&[freezing(name)], &network).unwrap_err();
            let expected = format!(
                "stages.frozen: stage 'first' freezes `{name}`, which the network does not have; known: {known}"
            );
            assert_eq!(refusal, expected);
        }
    }
}
