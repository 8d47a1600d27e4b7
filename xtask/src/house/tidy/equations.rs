//! Each numbered equation has one function.

use super::super::equations::{Citation, Citations, Papers};

pub(super) fn breaches(papers: &Papers, citations: &Citations) -> Vec<String> {
    let mut breaches = Vec::new();
    for (key, paper) in papers {
        for number in &paper.equations {
            match citations.get(&(key.clone(), *number)).map(Vec::as_slice) {
                None => breaches.push(format!("no function cites {key} eq {number}")),
                Some([_]) => {}
                Some(citations) => breaches.push(format!(
                    "{key} eq {number} is cited more than once: {}",
                    places(citations)
                )),
            }
        }
    }
    for ((key, number), citations) in citations {
        if papers
            .get(key)
            .is_none_or(|paper| !paper.equations.contains(number))
        {
            breaches.push(format!(
                "{}: {key} eq {number} is not in docs/papers.toml",
                places(citations)
            ));
        }
    }
    breaches
}

fn places(citations: &[Citation]) -> String {
    let places = citations.iter();
    let places: Vec<String> = places
        .map(|Citation { file, line, .. }| format!("{file}:{line}"))
        .collect();
    places.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equations_are_cited_once_each_by_known_papers() {
        let papers: Papers =
            toml::from_str("[PCL]\ntitle = 'T'\nvenue = 'V'\nequations = [1, 2]").unwrap();
        let cite = |rows: &[(&str, u32, &[&str])]| -> Citations {
            let places = |files: &[&str]| {
                let files = files.iter();
                files
                    .map(|file| Citation::new(file, &["fn f() {}"], 0))
                    .collect()
            };
            rows.iter()
                .map(|(key, n, at)| (((*key).to_owned(), *n), places(at)))
                .collect()
        };
        assert!(breaches(&papers, &cite(&[("PCL", 1, &["a"]), ("PCL", 2, &["b"])])).is_empty());
        assert_eq!(breaches(&papers, &cite(&[("PCL", 1, &["a"])])).len(), 1);
        let twice = cite(&[("PCL", 1, &["a", "b"]), ("PCL", 2, &["c"])]);
        assert_eq!(
            breaches(&papers, &twice),
            ["PCL eq 1 is cited more than once: a:1, b:1"]
        );
        let unknown = cite(&[("PCL", 1, &["a"]), ("PCL", 2, &["b"]), ("XYZ", 1, &["c"])]);
        assert_eq!(breaches(&papers, &unknown).len(), 1);
    }
}
