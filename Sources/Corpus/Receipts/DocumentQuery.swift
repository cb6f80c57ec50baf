import Experiment

/// Which documents are looked for.
public struct DocumentQuery: Sendable, Equatable {
    /// The end of a file's path, or, where no path ends so, a part of it; nil for every file.
    public let path: String?
    /// For .jsonl the line in the file, from 1; elsewhere the document in it, from 0. Nil for every document.
    public let number: Int?
    /// Bytes that are in the document's text, in one unbroken stretch of it; nil for every text.
    public let text: [UInt8]?

    /// - Parameters:
    ///   - place: a path or a part of one, perhaps with `:NUMBER` behind it; nil or "" for every file.
    ///   - files: paths of the corpus. One that has all of `place` in it is meant by name, colon and all.
    public init(place: String?, text: String?, files: [String]) {
        self.text = text.map { Array($0.utf8) }
        guard let place, !place.isEmpty else {
            (path, number) = (nil, nil)
            return
        }
        let parts = place.split(separator: ":", omittingEmptySubsequences: false)
        if parts.count > 1, let last = parts.last, let line = Int(last), !files.contains(where: { $0.contains(place) })
        {
            (path, number) = (String(place.dropLast(last.count + 1)), line)
        } else {
            (path, number) = (place, nil)
        }
    }

    /// The files of a source that are meant, by number; `anyEnds` when some path of the corpus ends as asked for.
    func files(of source: CorpusIndex.Source, anyEnds: Bool) -> Set<Int> {
        guard let path else { return Set(source.files.indices) }
        return Set(
            source.files.indices.filter {
                anyEnds ? Self.ends(source.files[$0].path, with: path) : source.files[$0].path.contains(path)
            })
    }

    /// Whole components: "a/b.txt" ends "/x/a/b.txt", not "/x/aa/b.txt".
    static func ends(_ path: String, with end: String) -> Bool { path == end || ("/" + path).hasSuffix("/" + end) }

    /// Whether a stretch's document is meant, its file being so.
    func holds(_ place: Place) -> Bool {
        number.map { $0 == (place.line > 0 ? place.line : place.document) } ?? true
    }
}
