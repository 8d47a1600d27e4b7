//! Many files, answered in their order.

use std::{fs, path::Path};

use answers::Answer;
use inputs::{Input, Kind, Listing, list};
use runtime::{Event, Observer, cores::batches_at_once, in_order};

use super::{
    answer::Question,
    journal::{Journal, Line},
    outcome::{DetectOptions, DetectOutcome, complain},
    page::{self, Page},
    shown::Shown,
    told::told,
};
use crate::{
    Error, NotJudged,
    detector::Detector,
    files::{read_picture, telling},
};

/// Judges every file, pictures side by side where the device works on several batches at once. In the order of
/// the files each answer is written to `answers.jsonl` in the folder, with what the file says of itself, put on
/// the page, and handed to `tell` as soon as it is there; a file that cannot be read is named, and the rest is
/// done. Once `stop` says so, at the latest with the next frame of a video, what was judged until then is kept,
/// as it is whenever the program ends; with [`resume`](DetectOptions::resume) it goes on from there.
///
/// # Errors
/// Where the answers or the page cannot be written.
pub fn detect(
    detector: &Detector,
    options: &DetectOptions,
    observer: &mut dyn Observer,
    stop: &dyn Fn() -> bool,
    mut tell: impl FnMut(&Answer),
) -> Result<DetectOutcome, Error> {
    let out = &options.out;
    fs::create_dir_all(out).map_err(Error::io(out))?;
    let (mut journal, before) = Journal::open(out, options.resume)?;
    let Listing {
        inputs,
        passed_over,
    } = list(&options.paths, options.recursive);
    let mut outcome = DetectOutcome {
        page: out.join(page::NAME),
        before: before.lines.len(),
        passed_over,
        ..DetectOutcome::default()
    };
    let mut page = Page::new(detector, options);
    let mut answered = before.counts();
    let mut names = before.names;
    for line in &before.lines {
        outcome.count(&line.answer);
        page.push(line);
    }
    let left: Vec<(String, Input)> = inputs
        .into_iter()
        .filter(|input| match answered.get_mut(&input.file) {
            Some(count) if *count > 0 => {
                *count -= 1;
                false
            }
            _ => true,
        })
        .map(|input| (names.of(&input.file), input))
        .collect();
    outcome.files = outcome.before + left.len();
    // A video is judged when its turn comes: it tells how far it is, and can be stopped.
    let picture = |index: usize| {
        let (name, input) = &left[index];
        let is_picture = matches!(Kind::of(&input.file), Ok(Kind::Picture));
        let picture = is_picture && input.landmarks.is_ok();
        let shown = Shown::new(out, name);
        match picture {
            true => look_at(detector, input, shown, &mut (), &|| false),
            false => None,
        }
    };
    let at_once = batches_at_once(&detector.device);
    in_order(0..left.len(), at_once, 2 * at_once, picture, |pictures| {
        for ((name, input), seen) in left.iter().zip(pictures) {
            if stop() {
                break;
            }
            let shown = Shown::new(out, name);
            let answer = seen
                .1
                .or_else(|| look_at(detector, input, shown, observer, stop));
            let told = answer.and_then(|answer| Some((told(&input.file, &answer, stop)?, answer)));
            let Some((facts, answer)) = told else {
                break;
            };
            let line = Line {
                name: name.clone(),
                facts,
                answer,
            };
            journal.push(&line)?;
            outcome.count(&line.answer);
            complain(&line.answer, observer);
            tell(&line.answer);
            page.push(&line);
            page.write_now_and_then(&outcome)?;
        }
        Ok::<_, Error>(())
    })?;
    page.write(&outcome)?;
    Ok(outcome)
}

/// Judges one file, as [`detect`] judges each, and writes what shows the answer into the folder `out`, which
/// is there, under names that begin with `name`: a picture of each face, the scores of a video over time, and
/// the whole picture as a browser shows it. Nothing where `stop` said so.
pub fn detect_file(
    detector: &Detector,
    file: &Path,
    (out, name): (&Path, &str),
    observer: &mut dyn Observer,
    stop: &dyn Fn() -> bool,
) -> Option<Answer> {
    let input = Input {
        file: file.to_owned(),
        landmarks: Ok(None),
    };
    look_at(detector, &input, Shown::new(out, name), observer, stop)
}

/// The answer of a file; nothing where it was stopped.
fn look_at(
    detector: &Detector,
    Input { file, landmarks }: &Input,
    mut shown: Shown<'_>,
    observer: &mut dyn Observer,
    stop: &dyn Fn() -> bool,
) -> Option<Answer> {
    let mut question = Question {
        file,
        kind: None,
        size: None,
        whole: None,
        decision: detector.config.frame,
        frames: None,
        synthetic: detector.config.synthetic,
        origin: detector.config.origin.as_ref(),
    };
    let landmarks = match landmarks {
        Ok(landmarks) => landmarks,
        Err(error) => return Some(question.not_read(error)),
    };
    let kind = match Kind::of(file) {
        Ok(kind) => kind,
        Err(error) => return Some(question.not_read(&error)),
    };
    question.kind = Some(kind);
    let answer = match kind {
        Kind::Picture => {
            let image = read_picture(file);
            if let Ok(image) = &image {
                question.size = Some(image.dimensions().into());
                question.whole = shown.whole(image);
            }
            let seen = image.and_then(|image| match landmarks {
                Some(landmarks) => detector.predict_face(&image, landmarks),
                None => detector.predict_image(&image),
            });
            seen.map(|seen| shown.image(&question, &seen))
        }
        Kind::Video => {
            question.decision = detector.config.video;
            question.frames = Some(detector.config.frame);
            let seen = detector.predict_video(file, telling(observer, file, stop));
            observer.event(Event::Ended);
            seen.map(|seen| shown.video(&question, seen))
        }
    };
    match answer {
        Ok(answer) => Some(answer),
        Err(NotJudged::Stopped) => None,
        Err(why) => Some(question.not_judged(&why)),
    }
}
