//! The papers' recipes: their numbers, and what their validations cost on FaceForensics++.

use experiment::{BUILT_IN, Decay, Generator, Model, Optimizer, Recipe, Rule};

fn recipe(name: &str) -> Recipe {
    Recipe::load(name, &[]).unwrap()
}

/// What a refusal advises can be set alone.
#[test]
fn a_share_for_validation_is_set_alone() {
    let set = ["split.val=0.3".to_owned()];
    let split = Recipe::load("pcl-paper", &set).unwrap().split;
    assert_eq!((split.val, split.test, split.seed), (0.3, 0.25, 0));
}

/// Real videos of FaceForensics++'s training and validation parts; each has a forgery by every method.
const TRAIN: usize = 720;
const VAL: usize = 140;

/// Faces drawn in an epoch of FaceForensics++ with as many methods.
fn faces_per_epoch(recipe: &Recipe, methods: usize) -> usize {
    let frames = recipe.schedule.frames_per_video;
    let forgery = &recipe.forgery;
    match forgery.draws_data_forgeries() {
        // Real and forged ones in turns, until all forged ones were drawn.
        true => 2 * TRAIN * methods * frames,
        false => TRAIN * frames * forgery.samples_per_face(),
    }
}

/// Faces that all validations score, as a share of those that the training learns from: a video has
/// one forgery by each method, or by the recipe's generator.
fn cost_of_validation(recipe: &Recipe, methods: usize) -> f64 {
    let schedule = &recipe.schedule;
    let trained = schedule.total_steps(faces_per_epoch(recipe, methods)) * schedule.batch_size;
    let forgeries = match recipe.forgery.learns_from_data() {
        true => methods,
        false => 1,
    };
    let frames = schedule.validation_frames.unwrap_or(300);
    let scored = schedule.validations * VAL * (1 + forgeries) * frames;
    scored as f64 / trained as f64
}

#[test]
fn validations_cost_a_fifth_of_the_training_at_most() {
    let mut looked_at = 0;
    for (name, _) in BUILT_IN {
        let recipe = recipe(name);
        if !name.ends_with("-paper") && name != "adm-official" || !recipe.model.judges_faces() {
            continue;
        }
        let four = ["lisiam", "xception", "resnet50", "efficientnet", "meso"]
            .iter()
            .any(|part| name.contains(part));
        let cost = cost_of_validation(&recipe, if four { 4 } else { 5 });
        assert!(cost <= 0.2, "{name}: {cost:.3}");
        looked_at += 1;
    }
    assert_eq!(looked_at, 11);
}

/// One method at a time: as many real clips as forged ones. A step of training is a pass and its way
/// back, of about three passes' work.
#[test]
fn validations_of_clips_cost_a_fifth_of_the_training_at_most() {
    let recipe = recipe("snippet-paper");
    let Model::Snippet(model) = &recipe.model else {
        unreachable!("the recipe is the snippet model's")
    };
    let schedule = &recipe.schedule;
    let trained = 3 * schedule.total_steps(2 * TRAIN) * schedule.batch_size * model.snippets;
    let scored = schedule.validations * 2 * VAL * model.inference_snippets;
    let cost = scored as f64 / trained as f64;
    assert!(cost <= 0.2, "{cost:.3}");
}

#[test]
fn the_snippet_recipe_has_the_papers_numbers() {
    let recipe = recipe("snippet-paper");
    let Model::Snippet(model) = &recipe.model else {
        unreachable!("the recipe is the snippet model's")
    };
    assert_eq!((model.input_size, recipe.crop.size), (224, 224));
    let snippets = (model.snippets, model.inference_snippets, model.frames);
    assert_eq!(snippets, (4, 8, 4));
    assert_eq!(model.backbone.stage_blocks(), [3, 4, 6, 3]);
    assert_eq!((model.backbone.base_width, model.intra.reduction), (64, 16));
    let Optimizer {
        rule,
        learning_rate,
        weight_decay,
        ..
    } = recipe.optimizer;
    assert_eq!((learning_rate, weight_decay), (1e-4, 0.0));
    assert!(matches!(rule, Rule::Adam));
    let schedule = &recipe.schedule;
    assert_eq!((schedule.batch_size, schedule.epochs), (10, 30));
    // One validation an epoch.
    assert_eq!((schedule.validations, schedule.steps), (30, None));
    assert_eq!((schedule.warm_up, schedule.cool_down), (0.0, 0.0));
    let plateau = Decay::Plateau {
        factor: 0.1,
        patience: 3,
        floor: 0.001,
    };
    assert_eq!(schedule.decay, plateau);
    // Down to the floor, and no further.
    let factors = [0, 1, 2, 3, 4].map(|plateaus| schedule.plateau_factor(plateaus));
    for (factor, expected) in factors.into_iter().zip([1.0, 0.1, 0.01, 0.001, 0.001]) {
        assert!((factor - expected).abs() < 1e-12);
    }
    // What leaves a pretrained backbone's features as they were is there to be chosen.
    let identity = ["model.inter.conv_u_init=identity".to_owned()];
    Recipe::load("snippet-paper", &identity).unwrap();
    // Mirroring alone.
    let augmentation = &recipe.augmentation;
    assert_eq!(augmentation.flip, 0.5);
    assert!(augmentation.crop.is_none());
    for chance in [
        augmentation.rotation.probability,
        augmentation.hue.probability,
        augmentation.saturation.probability,
        augmentation.brightness.probability,
        augmentation.contrast.probability,
        augmentation.blur.probability,
        augmentation.noise.probability,
        augmentation.jpeg.probability,
        augmentation.erasing.probability,
    ] {
        assert_eq!(chance, 0.0);
    }
    assert_eq!(recipe.forgery.generator, Generator::Data);
    assert!(!recipe.forgery.paired);
}
