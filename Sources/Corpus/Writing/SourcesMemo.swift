import Experiment
import Foundation

/// Remembers which corpus came of a list of files, by path, size, time of change and inode, so that a second start
/// need not read gigabytes of text to learn that nothing changed; and of a text, so that a tokenizer is not trained to
/// learn that its corpus is there. Shards are verified all the same.
struct SourcesMemo {
    private let cache: URL

    private struct Content: Codable {
        /// The corpus's, inside of the cache.
        let folder: String
        let contentDigest: String
    }

    init(cache: URL) { self.cache = cache }

    /// Names the files and how they are prepared; with the time of the newest one, in seconds since 1970.
    func key(_ texts: [NamedText], _ config: CorpusConfig, tokenizerIdentity: String) -> (key: String, newest: Double) {
        var list = """
            \(CorpusIndex.currentSchema) \(tokenizerIdentity) \(config.field) \(config.invalid) \(config.filter)

            """
        for text in texts {
            list += "source \(text.name)\n"
            for file in text.files {
                list += "\(file.path)\u{0}\(file.bytes) \(file.modified.bitPattern) \(file.inode)\n"
            }
        }
        return (list.sha256, texts.flatMap(\.files).map(\.modified).max() ?? 0)
    }

    /// The corpus that was remembered for a key, if it is still there and good.
    func corpus(of key: String) -> PreparedCorpus? {
        guard let content = try? JSONFile.read(Content.self, from: file(key)), !content.folder.contains("/") else {
            return nil
        }
        let corpus = try? PreparedCorpus(opening: cache.appending(component: content.folder), verifying: true)
        return corpus?.contentDigest == content.contentDigest ? corpus : nil
    }

    /// Not for files that changed within the last seconds: another change may leave the same time behind. A memo that
    /// cannot be written costs time at the next start, nothing else.
    func remember(_ corpus: PreparedCorpus, for key: String, newest: Double) {
        guard Date.now.timeIntervalSince1970 - newest > 2 else { return }
        try? FileManager.default.createDirectory(
            at: file(key).deletingLastPathComponent(), withIntermediateDirectories: true)
        let content = Content(folder: corpus.folder.lastPathComponent, contentDigest: corpus.contentDigest)
        try? JSONFile.encode(content).write(to: file(key), options: .atomic)
    }

    private func file(_ key: String) -> URL { cache.appending(components: ".sources", "\(key.prefix(16)).json") }
}
