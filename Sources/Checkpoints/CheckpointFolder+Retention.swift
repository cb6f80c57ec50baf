import Foundation

extension CheckpointFolder {
    /// Keeps the newest `keep` checkpoints that are good (at least one), and removes the committed ones before them
    /// but those of the steps `always`.
    ///
    /// What counts as kept is verified first, byte by byte, so that a damaged newer file never costs the good older
    /// one. Parts that killed processes left are removed too. Files that were never committed stay.
    /// - Returns: the steps that were removed.
    /// - Throws: `CheckpointError`: `cannotWrite` or `cannotRead`. A kill at any point leaves nothing that could be
    ///   taken for a good checkpoint and is not.
    @discardableResult
    public func retain(keep: Int, always: [Int] = []) throws -> [Int] {
        let names = try names()
        try removeParts(names)
        let steps = Self.steps(in: names, with: ".commit")
        let keep = max(1, keep)
        if steps.count <= keep { return [] }
        var removed: [Int] = []
        var good = 0
        for step in steps.reversed() {
            if good < keep {
                good += try isGood(step: step) ? 1 : 0
            } else if !always.contains(step), try remove(step: step) {
                removed.append(step)
            }
        }
        if !removed.isEmpty { try synchronizeFolder(of: path(Self.base(0))) }
        return removed
    }

    private func isGood(step: Int) throws -> Bool {
        do {
            _ = try verified(step: step)
            return true
        } catch let error as CheckpointError where error.kind == .damaged || error.errorNumber == ENOENT {
            return false
        }
    }

    /// The file first gets a name that no reader takes for a checkpoint; then the record goes, then the file.
    private func remove(step: Int) throws -> Bool {
        let base = path(Self.base(step))
        if isPresent(base + ".h5") {
            guard isRegularFile(base + ".h5") else { return false }
            if rename(base + ".h5", base + ".part") != 0 {
                throw CheckpointError.system(.cannotWrite, "rename", base + ".h5", errorNumber: errno)
            }
        }
        try removeFile(base + ".commit")
        try removeFile(base + ".part")
        return true
    }

    private func removeParts(_ names: [String]) throws {
        for suffix in [".part", ".commit.part"] {
            for step in Self.steps(in: names, with: suffix) {
                let path = path(Self.base(step) + suffix)
                if isRegularFile(path) { try removeFile(path) }
            }
        }
    }

    private func removeFile(_ path: String) throws {
        if unlink(path) != 0 && errno != ENOENT {
            throw CheckpointError.system(.cannotWrite, "remove", path, errorNumber: errno)
        }
    }

    private func isPresent(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0
    }

    private func isRegularFile(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    }
}
