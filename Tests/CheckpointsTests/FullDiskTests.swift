import Checkpoints
import Foundation
import Testing

/// On a small file system in memory of its own, where the system lets the test mount one.
@Suite(.serialized) struct FullDiskTests {
    private func withSmallDisk(_ size: String, _ body: (URL) throws -> Void) throws {
        let folder = try TemporaryFolder()
        guard mount("tmpfs", folder.url.path, "tmpfs", 0, "size=\(size)") == 0 else {
            print("skipped: mounting a small disk needs root (\(String(cString: strerror(errno))))")
            return
        }
        defer { umount(folder.url.path) }
        try body(folder.url)
    }

    @Test("a disk that fills up while tensors are written costs the new checkpoint alone")
    func fullWhileWriting() throws {
        try withSmallDisk("1m") { disk in
            try SmallState(step: 10).write(to: disk)
            let state = SmallState(step: 20)
            var writer = try CheckpointWriter(folder: disk, header: state.header, tensors: SmallState.tensors)
            // Somebody else takes the room after the writer has seen that there is enough.
            try Data().write(to: disk.appendingPathComponent("other"))
            let filler = try FileHandle(forWritingTo: disk.appendingPathComponent("other"))
            while (try? filler.write(contentsOf: Data(count: 4096))) != nil {}
            let error = checkpointError {
                for floats in state.values { try writer.write(floats.span) }
            }
            #expect(error?.kind == .cannotWrite)
            #expect(error?.errorNumber == ENOSPC)
            #expect(error?.message.contains("step-00000020.part") == true)
            try SmallState(step: 10).expectEqual(#require(CheckpointFolder(disk).newestGood().checkpoint))
        }
    }

    @Test("a disk without room for a checkpoint is told before anything is written")
    func fullBefore() throws {
        try withSmallDisk("128k") { disk in
            try SmallState(step: 10).write(to: disk)
            let error = checkpointError { try SmallState(step: 20).write(to: disk) }
            #expect(error?.errorNumber == ENOSPC)
            #expect(try FileManager.default.contentsOfDirectory(atPath: disk.path).count == 2)
            try SmallState(step: 10).expectEqual(#require(CheckpointFolder(disk).newestGood().checkpoint))
        }
    }

    @Test("a folder that cannot be written is a typed error that names it")
    func notAFolder() throws {
        let folder = try TemporaryFolder()
        try Data().write(to: folder.file("file"))
        let error = checkpointError { try SmallState(step: 1).write(to: folder.file("file")) }
        #expect(error?.kind == .cannotWrite)
        #expect(error?.message.contains(folder.file("file").path) == true)
    }
}
