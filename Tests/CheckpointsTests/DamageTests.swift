import Checkpoints
import Foundation
import Testing

@Suite struct DamageTests {
    /// Two checkpoints, the newer of which a test damages.
    private func twoCheckpoints() throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        try SmallState(step: 10).write(to: folder.url)
        try SmallState(step: 20).write(to: folder.url)
        return folder
    }

    private func expectFallback(_ folder: TemporaryFolder, _ what: String) throws {
        let (checkpoint, messages) = try CheckpointFolder(folder.url).newestGood()
        #expect(checkpoint?.step == 10, "\(what)")
        #expect(messages.count == 1, "\(what): \(messages)")
    }

    @Test("one flipped bit anywhere in the file or its record is found, and the older checkpoint is used")
    func flippedBits() throws {
        let folder = try twoCheckpoints()
        let seed: UInt64 = 20_260
        print("seed \(seed)")
        var generator = SeededGenerator(seed: seed)
        for (name, rounds) in [("step-00000020.h5", 300), ("step-00000020.commit", 100)] {
            let good = try Data(contentsOf: folder.file("step-00000020.h5"))
            let record = try Data(contentsOf: folder.file("step-00000020.commit"))
            for _ in 0..<rounds {
                var bytes = name.hasSuffix("h5") ? good : record
                let offset = Int.random(in: 0..<bytes.count, using: &generator)
                bytes[offset] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
                try bytes.write(to: folder.file(name))
                try expectFallback(folder, "\(name), offset \(offset)")
                try good.write(to: folder.file("step-00000020.h5"))
                try record.write(to: folder.file("step-00000020.commit"))
            }
        }
    }

    @Test("a file cut short, emptied or followed by garbage is set aside")
    func wrongLength() throws {
        let folder = try twoCheckpoints()
        for name in ["step-00000020.h5", "step-00000020.commit"] {
            let good = try Data(contentsOf: folder.file("step-00000020.h5"))
            let record = try Data(contentsOf: folder.file("step-00000020.commit"))
            let whole = name.hasSuffix("h5") ? good : record
            for length in [0, 1, min(512, whole.count - 2), whole.count / 2, whole.count - 1] {
                try whole.prefix(length).write(to: folder.file(name))
                try expectFallback(folder, "\(name), \(length) bytes")
                try good.write(to: folder.file("step-00000020.h5"))
                try record.write(to: folder.file("step-00000020.commit"))
            }
            try (whole + Data("garbage".utf8)).write(to: folder.file(name))
            try expectFallback(folder, "\(name) with garbage")
            try good.write(to: folder.file("step-00000020.h5"))
            try record.write(to: folder.file("step-00000020.commit"))
        }
        #expect(try folder.names().contains("step-00000020.h5.bad"))
    }

    @Test("a checkpoint of another step under this name is refused")
    func swappedFiles() throws {
        let folder = try twoCheckpoints()
        for suffix in ["h5", "commit"] {
            try Data(contentsOf: folder.file("step-00000010.\(suffix)")).write(
                to: folder.file("step-00000020.\(suffix)"))
            try expectFallback(folder, "swapped \(suffix)")
            try SmallState(step: 20).write(to: folder.url)
        }
    }

    @Test("when all are damaged the folder says so, also the second time")
    func noneGood() throws {
        let folder = try twoCheckpoints()
        for step in [10, 20] { try Data("no".utf8).write(to: CheckpointFolder(folder.url).file(step: step)) }
        for _ in 0..<2 {
            let error = checkpointError { _ = try CheckpointFolder(folder.url).newestGood() }
            #expect(error?.kind == .noneGood)
        }
    }

    @Test("a checkpoint whose record was never written is ignored and told, not taken")
    func uncommitted() throws {
        let folder = try TemporaryFolder()
        try SmallState(step: 20).write(to: folder.url)
        try FileManager.default.removeItem(at: folder.file("step-00000020.commit"))
        let (checkpoint, messages) = try CheckpointFolder(folder.url).newestGood()
        #expect(checkpoint == nil)
        #expect(messages.count == 1)
        #expect(try folder.names() == ["step-00000020.h5"])
        let error = checkpointError { _ = try Checkpoint(folder.file("step-00000020.h5")) }
        #expect(error?.kind == .uncommitted)
        try SmallState(step: 20).write(to: folder.url)
        #expect(try CheckpointFolder(folder.url).newestGood().checkpoint?.step == 20)
    }

    @Test("a folder that is empty or not there has no checkpoint, which is no error")
    func emptyFolder() throws {
        let folder = try TemporaryFolder()
        #expect(try CheckpointFolder(folder.url).newestGood().checkpoint == nil)
        #expect(try CheckpointFolder(folder.file("none")).newestGood().checkpoint == nil)
        let error = checkpointError { _ = try Checkpoint(folder.file("none.h5")) }
        #expect(error?.kind == .cannotRead)
    }

    @Test("symbolic links, pipes and folders in a checkpoint's place are neither followed nor waited for")
    func notAFile() throws {
        let folder = try twoCheckpoints()
        let elsewhere = try TemporaryFolder()
        let file = folder.file("step-00000020.h5")
        let moved = elsewhere.file("moved.h5")
        try FileManager.default.moveItem(at: file, to: moved)
        try FileManager.default.createSymbolicLink(at: file, withDestinationURL: moved)
        try expectFallback(folder, "link")
        #expect(FileManager.default.fileExists(atPath: moved.path))
        try SmallState(step: 20).write(to: folder.url)
        try FileManager.default.removeItem(at: file)
        #expect(mkfifo(file.path, 0o600) == 0)
        try expectFallback(folder, "pipe")
    }

    @Test("a file that HDF5 cannot read gives its reasons in one sentence")
    func notHDF5() throws {
        let folder = try TemporaryFolder()
        let file = folder.file("odd.h5")
        try Data("not HDF5".utf8).write(to: file)
        try forgedRecord(file: "odd.h5", contents: Data("not HDF5".utf8), step: 1, tokens: 1, digest: "")
            .write(to: folder.file("odd.commit"))
        let error = checkpointError { _ = try Checkpoint(file) }
        #expect(error?.kind == .cannotRead)
        #expect(error?.message.contains("file signature not found") == true)
    }

    @Test("a shape beyond the file, under a record with valid hashes, is refused and allocates nothing")
    func giantExtents() throws {
        let folder = try TemporaryFolder()
        let record = try SmallState(step: 1).write(to: folder.url)
        var bytes = try Data(contentsOf: folder.file("step-00000001.h5"))
        let extent = withUnsafeBytes(of: UInt64(4097).littleEndian) { Data($0) }
        let giant = withUnsafeBytes(of: (UInt64(1) << 60).littleEndian) { Data($0) }
        try bytes.replaceSubrange(#require(bytes.firstRange(of: extent)), with: giant)
        try bytes.write(to: folder.file("odd.h5"))
        try forgedRecord(
            file: "odd.h5", contents: bytes, step: record.step, tokens: record.tokens, digest: record.digest
        ).write(to: folder.file("odd.commit"))
        #expect(checkpointError { _ = try Checkpoint(folder.file("odd.h5")) }?.kind == .damaged)
    }
}
