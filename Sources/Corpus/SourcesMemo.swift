import Experiment
import Foundation
import Tokenization

/// Remembers which content a list of files had, by path, size, time of change and inode, so that a second start need
/// not read gigabytes of text to learn that nothing changed. Shards are verified all the same.
struct SourcesMemo {
    private let file: URL
    private let newest: Double

    private struct Content: Codable {
        let contentDigest: String
    }

    init(cache: URL, sources: TextSources, tokenizer: any Tokenizer) throws {
        let list = sources.files.map { "\($0.path)\u{0}\($0.bytes) \($0.modified.bitPattern) \($0.inode)\n" }
        let key = "\(CorpusIndex.currentSchema) \(try tokenizer.digest)\n\(list.joined())".sha256
        file = cache.appending(components: ".sources", "\(key.prefix(16)).json")
        newest = sources.files.map(\.modified).max() ?? 0
    }

    /// What was remembered; nil for nothing, or nothing that can be read.
    var contentDigest: String? {
        try? JSONFile.read(Content.self, from: file).contentDigest
    }

    /// Not for files that changed within the last seconds: another change may leave the same time behind. A memo that
    /// cannot be written costs time at the next start, nothing else.
    func remember(_ contentDigest: String) {
        guard Date.now.timeIntervalSince1970 - newest > 2 else { return }
        try? FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try? JSONFile.encode(Content(contentDigest: contentDigest)).write(to: file, options: .atomic)
    }
}
