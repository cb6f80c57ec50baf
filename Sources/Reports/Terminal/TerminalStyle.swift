/// What the terminal can show.
public struct TerminalStyle: Sendable, Equatable {
    /// Whether characters beyond ASCII will be shown as they are.
    public let isUnicode: Bool

    /// A style that is known.
    public init(isUnicode: Bool) { self.isUnicode = isUnicode }

    /// From the environment as POSIX orders it: LC_ALL, then LC_CTYPE, then LANG; the first that is set decides.
    public init(environment: [String: String]) {
        let values = ["LC_ALL", "LC_CTYPE", "LANG"].compactMap { environment[$0] }
        let locale = (values.first { !$0.isEmpty } ?? "").lowercased()
        isUnicode = locale.contains("utf-8") || locale.contains("utf8")
    }

    /// The text with what this terminal cannot show replaced by what it can.
    public func plain(_ text: String) -> String {
        guard !isUnicode else { return text }
        return text.map { character in
            if character.isASCII { return String(character) }
            if let power = character.wholeNumberValue, Self.superscripts.contains(character) { return String(power) }
            return Self.replacements[character] ?? "?"
        }.joined()
    }

    private static let superscripts: Set<Character> = ["⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"]
    private static let replacements: [Character: String] = [
        "·": "*", "…": "...", "–": "-", "—": "-", "−": "-", "×": "x", "⁻": "-", "α": "alpha", "β": "beta",
        "±": "+-", "│": "|", "─": "-", "═": "=", "█": "#", "░": ".", "∝": "~", "≤": "<=", "≥": ">=",
    ]
}
