/// The n-grams of a stream of ids that comes in chunks, as mixed hashes.
struct NGramWindows {
    private let length: Int
    private let endOfText: Int32?
    private var rolling: RollingHash
    /// The last `length` ids of the stream (zeros before its start), then the chunk in work.
    private var ids: [Int32]
    /// Ids since the start, the end of a stretch, or end-of-text.
    private var run = 0

    /// - Parameter endOfText: an n-gram with this id in is left out.
    init(length: Int, endOfText: Int32?) {
        self.length = length
        self.endOfText = endOfText
        rolling = RollingHash(window: length)
        ids = Array(repeating: 0, count: length)
    }

    /// Replaces `hashes` by those of the n-grams that end in `chunk`.
    mutating func append(_ chunk: [Int32], into hashes: inout [UInt64]) {
        hashes.removeAll(keepingCapacity: true)
        hashes.reserveCapacity(chunk.count)
        ids.append(contentsOf: chunk)
        // In local variables, which stay in registers.
        var (rolling, run) = (self.rolling, self.run)
        // An id that no tokenizer gives stands for "none".
        let endOfText = self.endOfText ?? -1
        for at in length..<ids.count {
            let id = ids[at]
            rolling.roll(entering: Self.word(id), leaving: Self.word(ids[at - length]))
            run = id == endOfText ? 0 : run + 1
            if run >= length { hashes.append(MixedHash.mix(rolling.value)) }
        }
        (self.rolling, self.run) = (rolling, run)
        ids.removeFirst(ids.count - length)
    }

    /// No n-gram holds ids from both sides of this.
    mutating func endStretch() { run = 0 }

    private static func word(_ id: Int32) -> UInt64 { UInt64(UInt32(bitPattern: id)) }
}
