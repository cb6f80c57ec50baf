import Experiment
import Foundation

/// Remembers which content a list of files had, by path, size, time of change and inode, so that a second start need
/// not read gigabytes of text to learn that nothing changed. Shards are verified all the same.
struct SourcesMemo {
    private let file: URL
    private let newest: Double

    private struct Content: Codable {
        let contentDigest: String
    }

    init(cache: URL, config: CorpusConfig) throws {
        var list = """
            \(CorpusIndex.currentSchema) \(config.tokenizer) \(config.field) \(config.invalid) \(config.filter)

            """
        var newest = 0.0
        for source in config.textSources {
            list += "source \(source.name)\n"
            for file in try TextSources(paths: source.paths).files {
                list += "\(file.path)\u{0}\(file.bytes) \(file.modified.bitPattern) \(file.inode)\n"
                newest = max(newest, file.modified)
            }
        }
        file = cache.appending(components: ".sources", "\(list.sha256.prefix(16)).json")
        self.newest = newest
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
