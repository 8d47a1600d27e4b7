//! Data sets of 2021 to 2026 that are known by their lists and by what others read of them.

use crate::common;

use common::{Made, at, missing};
use datasets::{Kind, Layout, deepfake_eval, deepsafe_bench, fakeavceleb, forgerynet, kodf};
use face_preproc::manifest::{Label, Split};

const FAKEAVCELEB: &str = "source,target1,target2,method,category,type,race,gender,path,\n\
id00076,-,-,real,A,RealVideo-RealAudio,Asian (East),men,00109.mp4,FakeAVCeleb/RealVideo-RealAudio/Asian (East)/men/id00076\n\
id00076,-,-,rtvc,B,RealVideo-FakeAudio,Asian (East),men,00109_fake.mp4,FakeAVCeleb/RealVideo-FakeAudio/Asian (East)/men/id00076\n\
id00076,id00701,-,faceswap,C,FakeVideo-RealAudio,Asian (East),men,00109_id00701_2.mp4,FakeAVCeleb/FakeVideo-RealAudio/Asian (East)/men/id00076\n\
id00076,id00476,id00701,fsgan-wav2lip,D,FakeVideo-FakeAudio,Asian (East),men,00109_1_id00476_wavtolip.mp4,FakeAVCeleb/FakeVideo-FakeAudio/Asian (East)/men/id00076\n\
id00076,id00476,-,wav2lip,D,FakeVideo-FakeAudio,Asian (East),men,00109_1_id00476_wavtolip.mp4,FakeAVCeleb/FakeVideo-FakeAudio/Asian (East)/men/id00076\n\
id00076,id00478,-,wav2lip,D,FakeVideo-FakeAudio,Asian (East),men,absent.mp4,FakeAVCeleb/FakeVideo-FakeAudio/Asian (East)/men/id00076\n";

#[test]
fn fakeavceleb_is_real_where_its_voice_alone_is_forged() {
    let home = |kind: &str, file: &str| format!("{kind}/Asian (East)/men/id00076/{file}");
    let real = home("RealVideo-RealAudio", "00109.mp4");
    let voice = home("RealVideo-FakeAudio", "00109_fake.mp4");
    let swap = home("FakeVideo-RealAudio", "00109_id00701_2.mp4");
    let both = home("FakeVideo-FakeAudio", "00109_1_id00476_wavtolip.mp4");
    let made = Made::new(&[&real, &voice, &swap, &both]).with("meta_data.csv", FAKEAVCELEB);
    let listing = made.list(Layout::Fakeavceleb);
    assert_eq!(listing.clips.len(), 4);
    assert_eq!(
        missing(&listing),
        [home("FakeVideo-FakeAudio", "absent.mp4")]
    );
    for path in [&real, &voice] {
        let clip = at(&listing, path);
        assert_eq!((clip.label, &*clip.method), (Label::Real, "real"));
        assert_eq!(clip.identity.as_deref(), Some("FakeAVCeleb/id00076"));
    }
    let clip = at(&listing, &swap);
    assert_eq!((clip.label, &*clip.method), (Label::Forged, "faceswap"));
    assert_eq!(clip.original.as_ref(), Some(&real));
    assert_eq!(clip.source_identity.as_deref(), Some("FakeAVCeleb/id00701"));
    // The first of its two lines counts.
    assert_eq!(at(&listing, &both).method, "fsgan-wav2lip");

    let elsewhere = FAKEAVCELEB.replace(
        "FakeAVCeleb/FakeVideo-RealAudio",
        "FakeAVCeleb/RealVideo-RealAudio",
    );
    let error = fakeavceleb::parse(&elsewhere).unwrap_err().to_string();
    assert!(error.contains("its type is not its folder"), "{error}");
    let error = fakeavceleb::parse("a,b\n1,2\n").unwrap_err().to_string();
    assert!(error.contains("source"), "{error}");
}

#[test]
fn forgerynet_has_lists_of_pictures_and_of_videos() {
    let made = Made::new(&[
        "Training/image/train_release/3/a/frame00049.jpg",
        "Training/image/train_release/16/b.jpg",
        "Training/video/train_video_release/2/c.mp4",
        "Validation/video/val_video_release/17/d.mp4",
    ])
    .with(
        "Training/image_list.txt",
        "image_name binary_cls_label triple_cls_label 16cls_label\n\
         train_release/3/a/frame00049.jpg 1 2 4\ntrain_release/16/b.jpg 0 0 0\n",
    )
    .with(
        "Training/video_list.txt",
        "2 train_video_release/2/c.mp4 0 40 0 40 60 1 1 1 2\n1 train_video_release/2/absent.mp4 0 9 1 1 1 2\n",
    )
    .with("Validation/video_list.txt", "1 val_video_release/17/d.mp4 0 99 0 0 0 0\n");
    let listing = made.list(Layout::Forgerynet);
    assert_eq!(listing.clips.len(), 4);
    assert_eq!(
        missing(&listing),
        ["Training/video/train_video_release/2/absent.mp4"]
    );
    let picture = at(&listing, "Training/image/train_release/3/a/frame00049.jpg");
    assert_eq!(
        (&*picture.method, &picture.kind),
        ("approach-4", &Kind::Picture)
    );
    assert_eq!(
        at(&listing, "Training/image/train_release/16/b.jpg").label,
        Label::Real
    );
    let video = at(&listing, "Training/video/train_video_release/2/c.mp4");
    assert_eq!(
        (&*video.method, video.split),
        ("approach-2", Some(Split::Train))
    );
    let real = at(&listing, "Validation/video/val_video_release/17/d.mp4");
    assert_eq!((real.label, real.split), (Label::Real, Some(Split::Val)));

    for (text, what) in [
        ("a.jpg 1 0 0\n", "labels that agree"),
        ("a.jpg 1\n", "three labels"),
    ] {
        let error = forgerynet::parse_images(text).unwrap_err().to_string();
        assert!(error.contains(what), "{error}");
    }
    for text in [
        "2 c.mp4 0 40 0 1 1 2\n",
        "x c.mp4 1 1 2\n",
        "18446744073709551615 c 1 1 1\n",
    ] {
        assert!(forgerynet::parse_videos(text).is_err(), "{text}");
    }
}

#[test]
fn kodf_is_read_by_its_tables_wherever_its_videos_lie() {
    let tables = "1.Training/[라벨링]train_meta/train_meta_data";
    let dfl = "1.Training/[원천][변조]train_dfl1_data/x/2_dfl.mp4";
    let real = "1.Training/[원천][원본]원본1/1/179032_027.mp4";
    let validation = "2.Validation/a/3.mp4";
    let stray = "1.Training/[원천][원본]원본1/1/stray.mp4";
    let made = Made::new(&[dfl, real, validation, stray])
        .with(
            &format!("{tables}/원본영상_training_메타데이터.csv"),
            "\u{feff}영상ID,UUID,인물성별\n179032_027.mp4,p1,남성\nabsent.mp4,p1,남성\n",
        )
        .with(
            &format!("{tables}/변조영상_training_메타데이터.csv"),
            "영상ID,타겟영상,변조모델,타겟UUID,소스UUID\n\
             2_dfl.mp4,179032_027.mp4,dfl,p1,p2\n9_fo.mp4,179032_027.mp4,fo,p1,p3\n",
        )
        .with(
            "2.Validation/[라벨링]meta/원본영상_validation_메타데이터.csv",
            "영상ID\n3.mp4\n",
        );
    let listing = made.list(Layout::Kodf);
    assert_eq!(listing.clips.len(), 3);
    // Of the model `fo` nothing was downloaded.
    assert_eq!(missing(&listing), ["absent.mp4"]);
    assert_eq!(listing.unlisted, [stray]);
    let forged = at(&listing, dfl);
    assert_eq!((&*forged.method, forged.split), ("dfl", Some(Split::Train)));
    assert_eq!(forged.original.as_deref(), Some(real));
    assert_eq!(forged.identity.as_deref(), Some("KoDF/p1"));
    assert_eq!(forged.source_identity.as_deref(), Some("KoDF/p2"));
    let clip = at(&listing, validation);
    assert_eq!((clip.label, clip.split), (Label::Real, Some(Split::Val)));
    assert_eq!(clip.identity, None);

    let error = kodf::parse("a,b\n1,2\n", true).unwrap_err().to_string();
    assert!(error.contains("영상ID"), "{error}");
}

#[test]
fn deepfake_eval_2024_is_what_its_tables_call_real_or_fake() {
    let made = Made::new(&["video-data/a.mp4", "video-data/b.mp4", "video-data/c.mp4", "image-data/d.jpg"])
        .with(
            "video-metadata-publish-with-links.csv",
            "Filename,Video Ground Truth,Audio Ground Truth,Finetuning Set\n\
             a.mp4,Fake,Real,train\nb.mp4,Real,Fake,Test\nc.mp4,Unknown,Fake,test\nabsent.mp4,Fake,Fake,test\n",
        )
        .with("image-metadata-publish.csv", "Filename,Ground Truth,Finetuning Set\nd.jpg,fake,test\n");
    let listing = made.list(Layout::DeepfakeEval2024);
    assert_eq!(listing.clips.len(), 3);
    assert_eq!(missing(&listing), ["video-data/absent.mp4"]);
    assert_eq!(listing.unlisted, ["video-data/c.mp4"]);
    let clip = at(&listing, "video-data/a.mp4");
    assert_eq!(
        (clip.label, clip.split),
        (Label::Forged, Some(Split::Train))
    );
    let clip = at(&listing, "video-data/b.mp4");
    assert_eq!((clip.label, clip.split), (Label::Real, Some(Split::Test)));
    assert_eq!(at(&listing, "image-data/d.jpg").kind, Kind::Picture);
    let error = deepfake_eval::parse("Filename\na.mp4\n", "Ground Truth").unwrap_err();
    assert!(error.to_string().contains("Ground Truth"), "{error}");
}

#[test]
fn scaledf_is_read_where_it_is_unpacked() {
    let real = "train/000000AFAD/x/1.jpg";
    let fake = "train/AniPortrait_faces/1.png";
    let made = Made::new(&[
        real,
        fake,
        "val/3dSwap_faces/2.png",
        "train/AMatrix_faces.tar",
        "train/000000AFAD.tar",
    ]);
    let listing = made.list(Layout::Scaledf);
    assert_eq!(listing.clips.len(), 3);
    assert_eq!(listing.unlisted, ["train/AMatrix_faces.tar"]);
    assert_eq!(at(&listing, real).label, Label::Real);
    let clip = at(&listing, fake);
    assert_eq!(
        (&*clip.method, clip.split),
        ("AniPortrait", Some(Split::Train))
    );
    assert_eq!(
        at(&listing, "val/3dSwap_faces/2.png").split,
        Some(Split::Val)
    );
}

#[test]
fn deepsafe_bench_is_read_without_its_sounds() {
    let entry = |id: &str, path: &str, modality: &str, label: &str, generator: &str| {
        serde_json::json!({"id": id, "path": path, "modality": modality, "label": label,
            "generator": generator, "source_file": path, "format": "png"})
    };
    let list = serde_json::json!([
        entry(
            "img_00001",
            "images/real/ffhq/img_00001.png",
            "images",
            "real",
            "ffhq"
        ),
        entry(
            "img_00002",
            "images/fake/flux_schnell/img_00002.png",
            "images",
            "fake",
            "flux_schnell"
        ),
        entry(
            "vid_00001",
            "video/fake/sora/vid_00001.mp4",
            "video",
            "fake",
            "sora"
        ),
        entry(
            "vid_00002",
            "video/fake/sora/absent.mp4",
            "video",
            "fake",
            "sora"
        ),
        entry(
            "aud_00001",
            "audio/fake/tts/aud_00001.wav",
            "audio",
            "fake",
            "tts"
        ),
    ]);
    let made = Made::new(&[
        "images/real/ffhq/img_00001.png",
        "images/fake/flux_schnell/img_00002.png",
        "video/fake/sora/vid_00001.mp4",
        "audio/fake/tts/aud_00001.wav",
    ])
    .with("metadata.json", &list.to_string());
    let listing = made.list(Layout::DeepsafeBench);
    assert_eq!(listing.clips.len(), 3);
    assert_eq!(missing(&listing), ["video/fake/sora/absent.mp4"]);
    let clip = at(&listing, "images/fake/flux_schnell/img_00002.png");
    assert_eq!(
        (&*clip.method, &clip.kind),
        ("flux_schnell", &Kind::Picture)
    );
    assert_eq!((clip.label, clip.split), (Label::Forged, Some(Split::Test)));
    assert_eq!(
        at(&listing, "images/real/ffhq/img_00001.png").label,
        Label::Real
    );
    assert_eq!(
        at(&listing, "video/fake/sora/vid_00001.mp4").kind,
        Kind::Video
    );
    let wrong = list.to_string().replace("\"images\"", "\"smells\"");
    assert!(deepsafe_bench::parse(&wrong).is_err());
}
