//! A large store out of a small one: `cargo run -p benches --example large_store -- STORE OUT [ROWS]`.
//!
//! The shards are the same, linked; each crop stands in the index again and again as another person's, every
//! fiftieth in the test part and the others in the training part. For how long a command takes to begin.

use std::{env, error::Error, fs, path::PathBuf};

use face_preproc::manifest::{Manifest, Split};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let mut next = || arguments.next().ok_or("STORE OUT [ROWS]");
    let (store, out) = (PathBuf::from(next()?), PathBuf::from(next()?));
    let wanted: usize = next().map_or(Ok(200_000), |rows| rows.parse())?;
    let small = Manifest::read(store.join("faces.json"))?;
    let times = wanted.div_ceil(small.rows.len());
    let mut rows = Vec::with_capacity(wanted);
    for row in &small.rows {
        for time in 0..times.min(wanted - rows.len()) {
            let mut again = row.clone();
            for name in [&mut again.file, &mut again.video, &mut again.identity] {
                *name = format!("{time}-{name}");
            }
            again.split = Some(match rows.len() % 50 {
                0 => Split::Test,
                _ => Split::Train,
            });
            rows.push(again);
        }
    }
    fs::create_dir_all(&out)?;
    for entry in fs::read_dir(&store)? {
        let path = entry?.path();
        if let Some(name) = path.file_name().filter(|name| *name != "faces.json") {
            fs::hard_link(&path, out.join(name))?;
        }
    }
    let large = Manifest {
        root: out.clone(),
        numbers: (0..rows.len()).collect(),
        listed: rows.len(),
        rows,
        digest: String::new(),
    };
    large.write(out.join("faces.json"))?;
    println!("{} crops in {}", large.listed, out.display());
    Ok(())
}
