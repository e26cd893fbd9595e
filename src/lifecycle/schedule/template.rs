//! A template and what goes into it -> the text of a file.
//!
//! A `<<name>>` within a line stands for a text; one that has a line to itself stands for whole lines, of which there may
//! be none. What is put in is not looked at again, whatever it holds.

const OPEN: &str = "<<";
const CLOSE: &str = ">>";

/// Fills a template.
pub(super) fn fill(template: &str, values: &[(&str, &str)]) -> String {
    let value = |name: &str| values.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
    let mut text = String::new();
    for line in template.split_inclusive('\n') {
        let alone = line.trim_end().strip_prefix(OPEN).and_then(|rest| rest.strip_suffix(CLOSE));
        match alone.and_then(value) {
            Some(lines) => text.push_str(lines),
            None => fill_line(line, value, &mut text),
        }
    }
    text
}

fn fill_line<'a>(line: &str, value: impl Fn(&str) -> Option<&'a str>, text: &mut String) {
    let mut rest = line;
    while let Some((before, behind)) = rest.split_once(OPEN) {
        text.push_str(before);
        if let Some((value, after)) =
            behind.split_once(CLOSE).and_then(|(name, after)| Some((value(name)?, after)))
        {
            text.push_str(value);
            rest = after;
        } else {
            text.push_str(OPEN);
            rest = behind;
        }
    }
    text.push_str(rest);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_go_into_lines_and_lines_between_them() {
        let template = "a <<x>> <<y>>\n<<lines>>\n<<none>>\nend <<unknown>> << \n";
        let values = [("x", "<<y>>"), ("y", "2"), ("lines", "one\ntwo\n"), ("none", "")];
        assert_eq!(fill(template, &values), "a <<y>> 2\none\ntwo\nend <<unknown>> << \n");
    }
}
