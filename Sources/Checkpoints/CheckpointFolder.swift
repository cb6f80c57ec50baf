import Foundation

/// The checkpoints of one run: `step-00001000.h5` with `step-00001000.commit`, and others like them.
///
/// Other files in the folder are never touched and links are never followed. Of the ranks of a run, one should call
/// the methods that change files, and tell the others which step it found.
public struct CheckpointFolder: Sendable {
    /// Where the folder lies; it need not exist.
    public let url: URL

    /// The folder at `url`. Reads nothing.
    public init(_ url: URL) {
        self.url = url.standardizedFileURL
    }

    /// Where the checkpoint of `step` lies, or would lie.
    public func file(step: Int) -> URL {
        url.appendingPathComponent(Self.base(step) + ".h5", isDirectory: false)
    }

    /// The steps of which both file and record are there, ascending; whether they are good is not looked at.
    ///
    /// Throws `CheckpointError` of kind `cannotRead`. A folder that does not exist has none.
    public func steps() throws -> [Int] {
        let names = Set(try names())
        return Self.steps(in: names, with: ".commit").filter { names.contains(Self.base($0) + ".h5") }
    }

    /// Opens the checkpoint of `step` after verifying it.
    ///
    /// Throws `CheckpointError`: `cannotRead`, `uncommitted`, `damaged` or `unsuitable`.
    public func checkpoint(step: Int) throws -> Checkpoint {
        try Checkpoint(verified(step: step))
    }

    /// Opens the newest good checkpoint, and sets damaged ones on the way to it aside as `….h5.bad`.
    ///
    /// - Parameter limit: the newest step to look at; nil for all.
    /// - Returns: nil and what was ignored, when nothing was ever committed; else the checkpoint, and one sentence for
    ///   every file that was set aside or ignored.
    /// - Throws: `CheckpointError`: `noneGood` when there were checkpoints and all are damaged, now or at an earlier
    ///   call; `cannotRead` when the system refuses.
    public func newestGood(atMost limit: Int? = nil) throws -> (checkpoint: Checkpoint?, messages: [String]) {
        let names = try names()
        func steps(with suffix: String) -> [Int] {
            Self.steps(in: names, with: suffix).filter { $0 <= limit ?? $0 }
        }
        var messages: [String] = []
        var someExisted = !steps(with: ".h5.bad").isEmpty
        for step in Set(steps(with: ".h5") + steps(with: ".commit")).sorted(by: >) {
            do {
                return (try checkpoint(step: step), messages)
            } catch let error as CheckpointError where error.kind == .uncommitted {
                messages.append("ignored: \(error)")
            } catch let error as CheckpointError where error.kind == .damaged {
                messages.append("\(error); \(setAside(step: step))")
                someExisted = true
            } catch let error as CheckpointError where error.errorNumber == ENOENT {
                messages.append("ignored a commit record without its file: \(error)")
                someExisted = true
            }
        }
        if someExisted {
            throw CheckpointError(
                .noneGood,
                (["no good checkpoint is left in \(url.path); restore one, or start afresh"] + messages)
                    .joined(separator: "; "))
        }
        return (nil, messages)
    }

    /// Verifies name, record, size and hash.
    func verified(step: Int) throws -> VerifiedFile {
        let path = file(step: step).path
        let record = try CommitRecord(for: path)
        if record.step != step {
            throw CheckpointError(.damaged, "\(path) is named for step \(step), its record for step \(record.step)")
        }
        return try VerifiedFile(path, record: record)
    }

    /// Renames a damaged checkpoint, file first: a record without its file still tells that something was lost.
    private func setAside(step: Int) -> String {
        for suffix in [".h5", ".commit"] {
            let path = path(Self.base(step) + suffix)
            if rename(path, path + ".bad") != 0 && errno != ENOENT {
                return "it could not be renamed aside: \(String(cString: strerror(errno)))"
            }
        }
        return "set aside as \(Self.base(step)).h5.bad"
    }

    func path(_ name: String) -> String { url.path + "/" + name }

    /// The names of everything in the folder; none when there is no folder.
    func names() throws -> [String] {
        guard FileManager.default.fileExists(atPath: url.path) else { return [] }
        do {
            return try FileManager.default.contentsOfDirectory(atPath: url.path)
        } catch {
            throw CheckpointError(
                .cannotRead, "cannot list the folder \(url.path): \(error.localizedDescription); check its permissions")
        }
    }

    /// `step-00001000` for 1000.
    static func base(_ step: Int) -> String {
        let digits = String(step)
        return "step-" + String(repeating: "0", count: max(0, 8 - digits.count)) + digits
    }

    /// The steps whose `base` followed by `suffix` is one of `names`, ascending.
    static func steps(in names: some Sequence<String>, with suffix: String) -> [Int] {
        names.compactMap { name in
            guard name.hasPrefix("step-"), name.hasSuffix(suffix),
                let step = Int(name.dropFirst(5).dropLast(suffix.count)), step >= 0, base(step) + suffix == name
            else { return nil }
            return step
        }.sorted()
    }
}
