//! Files that are not what they are said to be, or no checkpoints at all.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use checkpoints::{Error, ImportOptions, Kind, Looks, import};
use test_support::write_state_dict;

/// Imports `file` as `kind` into a folder that must not be there afterwards.
fn refusal(kind: Kind, file: &Path) -> Error {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("run");
    let options = ImportOptions {
        kind,
        file: file.to_owned(),
        out: out.clone(),
        command: Vec::new(),
    };
    let error = import(&options).unwrap_err();
    assert!(!out.exists());
    let said = error.to_string();
    assert_eq!(said.lines().count(), 1, "{said}");
    assert!(said.contains(&*file.to_string_lossy()), "{said}");
    error
}

fn write(folder: &Path, tensors: &[(&str, &[usize])]) -> PathBuf {
    let path = folder.join("file.safetensors");
    let tensors = tensors
        .iter()
        .map(|(name, shape)| ((*name).to_owned(), shape.to_vec()));
    let zeros = |_: &str, shape: &[usize]| vec![0.0; shape.iter().product()];
    write_state_dict(&tensors.collect::<BTreeMap<_, _>>(), zeros, &path);
    path
}

#[test]
fn another_kind_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = write(
        folder.path(),
        &[
            (
                "module.backbone.conv4.pointwise.weight",
                &[2048, 1536, 1, 1],
            ),
            ("module.backbone.last_linear.weight", &[2, 2048]),
        ],
    );
    let error = refusal(Kind::Sbi, &file);
    let said = error.to_string();
    let end = "looks like DeepfakeBench's Xception, not like SBI's EfficientNet-b4";
    assert!(said.ends_with(end), "{said}");
    let Error::Other { looks, .. } = error else {
        panic!("{said}")
    };
    assert_eq!(looks, Looks::Kind(Kind::DeepfakebenchXception));
}

#[test]
fn a_file_of_the_kind_with_other_layers_is_said_to_lack_them() {
    let folder = tempfile::tempdir().unwrap();
    let file = write(
        folder.path(),
        &[
            ("net._conv_stem.weight", &[48, 3, 3, 3]),
            ("net._bn0.weight", &[47]),
            ("net._fc.weight", &[2, 1792]),
            ("net.attention.weight", &[3]),
            ("extra.weight", &[3]),
        ],
    );
    let said = refusal(Kind::Sbi, &file).to_string();
    let parts = [
        "looks like SBI's EfficientNet-b4, but lacks base_model.blocks.",
        " more, has besides extra.weight and 1 more, has base_model.bn1.weight of F32 [47] and not of F32 [48]",
    ];
    assert!(parts.iter().all(|part| said.contains(part)), "{said}");
}

#[test]
fn weights_of_imagenet_and_of_a_run_are_no_checkpoints() {
    let folder = tempfile::tempdir().unwrap();
    let imagenet: &[(&str, &[usize])] = &[("fc.weight", &[1000, 4])];
    for (tensors, seems) in [
        (imagenet, "a classifier of ImageNet's classes"),
        (
            &[("base_model.bn1.gamma", &[4])],
            "the weights of a run of this program",
        ),
        (
            &[("x", &[4])],
            "1 tensors of no detector that is known here, the first of them x",
        ),
        (&[], "a file without tensors"),
    ] {
        let file = write(folder.path(), tensors);
        let said = refusal(Kind::CaddmResnet34, &file).to_string();
        assert!(said.contains(&format!("looks like {seems}")), "{said}");
    }
}

#[test]
fn what_is_no_state_dictionary_or_not_whole_is_said_to_be_unreadable() {
    let folder = tempfile::tempdir().unwrap();
    let crates = Path::new(env!("CARGO_MANIFEST_DIR"));
    let golden = crates.join("tests/golden/list.pth");
    for kind in [Kind::Sbi, Kind::Lisiam] {
        let said = refusal(kind, &golden).to_string();
        assert!(said.contains("expected a dictionary of tensors"), "{said}");
    }
    let called = crates.join("../backbones/tests/golden/malicious.pth");
    let said = refusal(Kind::Sbi, &called).to_string();
    assert!(said.contains("nothing was executed"), "{said}");

    let whole = fs::read(crates.join("../model-adm/tests/golden/checkpoint.pkl")).unwrap();
    let tensors = fs::read(write(folder.path(), &[("x", &[4])])).unwrap();
    for (name, bytes) in [
        ("half.tar", &whole[..whole.len() / 2]),
        ("empty.pth", &[]),
        ("text.pth", b"no weights"),
        ("half.safetensors", &tensors[..tensors.len() / 2]),
    ] {
        let file = folder.path().join(name);
        fs::write(&file, bytes).unwrap();
        let error = refusal(Kind::Sbi, &file);
        assert!(matches!(error, Error::Weights(_)), "{name}: {error}");
    }
    let error = refusal(Kind::Sbi, &folder.path().join("absent.tar"));
    assert!(matches!(error, Error::Weights(_)), "{error}");
}

#[test]
fn a_run_is_not_written_over() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("recipe.toml"), "").unwrap();
    let options = ImportOptions {
        kind: Kind::Sbi,
        file: "FFraw.tar".into(),
        out: folder.path().to_owned(),
        command: Vec::new(),
    };
    let error = import(&options).unwrap_err();
    assert!(
        matches!(error, Error::Run(experiment::Error::RunExists { .. })),
        "{error}"
    );
}
