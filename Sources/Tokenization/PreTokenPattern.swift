/// How text is cut into pre-tokens, the stretches inside of which bytes are merged.
public enum PreTokenPattern: String, Sendable, CaseIterable {
    /// GPT-2's regular expression.
    case gpt2
    /// That of GPT-4 (cl100k) and Llama 3: numbers in threes, ends of lines kept together.
    case gpt4

    /// The regular expressions in other people's files that cut as this pattern does; the first is what we write.
    /// The forms of `gpt4` differ in possessive quantifiers and in `[\r\n]+` after the greedy `\s*`, which alter no cut.
    var expressions: [String] {
        switch self {
        case .gpt2:
            [
                #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#,
                #"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#,
            ]
        case .gpt4:
            [
                #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*"#
                    + #"|\s*[\r\n]+|\s+(?!\S)|\s+"#,
                #"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]++[\r\n]*"#
                    + #"|\s*[\r\n]|\s+(?!\S)|\s+"#,
                #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*"#
                    + #"|\s*[\r\n]|\s+(?!\S)|\s+"#,
            ]
        }
    }
}
