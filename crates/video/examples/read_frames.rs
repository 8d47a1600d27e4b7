//! Reads frames spread over each clip, as `prep` does, and says how long it takes.
//!
//! ```console
//! cargo run -p video --example read_frames -- 32 clips/*.mp4
//! ```

use std::error::Error;
use std::time::Instant;

use video::{Limits, Video, sample_uniform};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let wanted = arguments
        .next()
        .ok_or("usage: read_frames N CLIPS")?
        .parse()?;
    for path in arguments {
        let began = Instant::now();
        let video = Video::open(&path, &Limits::default())?;
        let opened = began.elapsed().as_secs_f64();
        let info = video.info();
        let chosen = sample_uniform(info.frame_count, wanted);
        let (mut read, mut wrong) = (0, None);
        for frame in video.frames_at(&chosen)? {
            match frame {
                Ok(_) => read += 1,
                Err(error) => wrong = Some(error),
            }
        }
        let seconds = began.elapsed().as_secs_f64();
        println!(
            "{path}: {}x{}, {} frames; opened in {opened:.3} s, {read} frames in {seconds:.3} s{}",
            info.width,
            info.height,
            info.frame_count,
            wrong.map_or(String::new(), |error| format!("; {error}"))
        );
    }
    Ok(())
}
