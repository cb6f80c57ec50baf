/// The share of a document's bytes that are in lines which came before in it.
///
/// It is the "duplicate line character fraction" of Rae et al. 2021 ("Scaling language models: methods, analysis and
/// insights from training Gopher", table A1), who drop documents above 0.20, and those in which more than 0.30 of the
/// *lines* are repeated. Here bytes count, not characters, and each with its end of line. As there, a line that is
/// blank is no repetition. Short lines need no exception (a closing brace, "Yes."): they weigh as little as they hold.
///
/// Only lines that end in the first 4 MiB of a document are looked at, so that memory is bounded.
struct LineRepetition {
    /// Bytes at the start of a document that are looked at.
    static let scope = 4 << 20
    /// The most that `stateBytes` can be: 4 MiB hold fewer than 1.1 million lines of which no two are equal (65,000
    /// of at most two bytes, and else four bytes each with the end of line), in 2^21 places of the set.
    static let largestStateBytes = (1 << 21) * 9

    private var seen = HashSet64()
    /// Of the line so far, its end not included.
    private var hash = MixedHash.start
    private var lineBytes = 0
    private var isBlank = true
    /// In whole lines, blank ones too.
    private var wholeBytes = 0
    private var repeatedBytes = 0
    /// Bytes of the document that may still be looked at.
    private var left = Self.scope

    var stateBytes: Int { seen.stateBytes }

    mutating func add(_ text: [UInt8]) {
        guard left > 0 else { return }
        let end = min(left, text.count)
        left -= end
        // In local variables, which stay in registers.
        var (hash, lineBytes, isBlank) = (self.hash, self.lineBytes, self.isBlank)
        for at in 0..<end {
            let byte = text[at]
            lineBytes += 1
            if byte == UInt8(ascii: "\n") {
                endLine(hash: hash, bytes: lineBytes, isBlank: isBlank)
                (hash, lineBytes, isBlank) = (MixedHash.start, 0, true)
            } else {
                hash = MixedHash.step(hash, byte)
                // Space, and the controls below it: tabulator, carriage return, form feed.
                isBlank = isBlank && byte <= UInt8(ascii: " ")
            }
        }
        (self.hash, self.lineBytes, self.isBlank) = (hash, lineBytes, isBlank)
    }

    /// 0 for a document without a whole line. Starts anew.
    mutating func finish() -> Double {
        // The last line of a document that was looked at to its end may lack an end of line.
        if left > 0, lineBytes > 0 { endLine(hash: hash, bytes: lineBytes, isBlank: isBlank) }
        let share = wholeBytes == 0 ? 0 : Double(repeatedBytes) / Double(wholeBytes)
        seen.removeAll()
        (hash, lineBytes, isBlank) = (MixedHash.start, 0, true)
        (wholeBytes, repeatedBytes, left) = (0, 0, Self.scope)
        return share
    }

    private mutating func endLine(hash: UInt64, bytes: Int, isBlank: Bool) {
        wholeBytes += bytes
        if !isBlank, !seen.insert(MixedHash.mix(hash)) { repeatedBytes += bytes }
    }
}
