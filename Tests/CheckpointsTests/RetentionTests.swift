import Checkpoints
import Foundation
import Testing

@Suite struct RetentionTests {
    private func folder(steps: [Int]) throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        for step in steps { try SmallState(step: step).write(to: folder.url) }
        return folder
    }

    @Test(
        "the newest stay, older ones go, and never the last",
        arguments: [(2, [30, 40]), (1, [40]), (0, [40]), (9, [10, 20, 30, 40])])
    func newestStay(_ keep: Int, _ expected: [Int]) throws {
        let folder = try folder(steps: [10, 20, 30, 40])
        let removed = try CheckpointFolder(folder.url).retain(keep: keep)
        #expect(try CheckpointFolder(folder.url).steps() == expected)
        #expect(Set(removed).union(expected) == [10, 20, 30, 40])
        #expect(try folder.names().count == 2 * expected.count)
    }

    @Test("steps that others begin from stay, beside the newest")
    func pinned() throws {
        let folder = try folder(steps: [10, 20, 30, 40])
        let removed = try CheckpointFolder(folder.url).retain(keep: 1, always: [20, 25])
        #expect(Set(removed) == [10, 30])
        #expect(try CheckpointFolder(folder.url).steps() == [20, 40])
    }

    @Test("a damaged newer checkpoint does not cost the good older one")
    func damagedDoNotCount() throws {
        let folder = try folder(steps: [10, 20, 30])
        var bytes = try Data(contentsOf: folder.file("step-00000030.h5"))
        bytes[bytes.count / 2] ^= 1
        try bytes.write(to: folder.file("step-00000030.h5"))
        #expect(try CheckpointFolder(folder.url).retain(keep: 1) == [10])
        #expect(try CheckpointFolder(folder.url).newestGood().checkpoint?.step == 20)
    }

    @Test("parts of killed processes go, foreign files and links stay")
    func foreignFilesStay() throws {
        let folder = try folder(steps: [10, 20])
        let foreign = ["notes.txt", "step-10.h5", "step-00000010.h5.old", "mine.part", "step-00000005.h5"]
        for name in foreign + ["step-00000030.part", "step-00000030.commit.part"] {
            try Data("x".utf8).write(to: folder.file(name))
        }
        try FileManager.default.createSymbolicLink(
            at: folder.file("step-00000040.part"), withDestinationURL: folder.file("notes.txt"))
        try CheckpointFolder(folder.url).retain(keep: 1)
        let expected = foreign + ["step-00000020.h5", "step-00000020.commit", "step-00000040.part"]
        #expect(try folder.names() == expected.sorted())
    }

    @Test(
        "a kill between any two steps of removing an old checkpoint leaves the newest, and the next time removes the rest"
    )
    func killedWhileRemoving() throws {
        let folder = try folder(steps: [10, 20])
        try FileManager.default.moveItem(at: folder.file("step-00000010.h5"), to: folder.file("step-00000010.part"))
        #expect(try CheckpointFolder(folder.url).newestGood().checkpoint?.step == 20)
        try CheckpointFolder(folder.url).retain(keep: 1)
        #expect(try folder.names() == ["step-00000020.commit", "step-00000020.h5"])
    }

    @Test("a writer that is dropped leaves nothing, and a killed one's part is in nobody's way")
    func droppedWriter() throws {
        let folder = try folder(steps: [10])
        do {
            let state = SmallState(step: 20)
            var writer = try CheckpointWriter(folder: folder.url, header: state.header, tensors: SmallState.tensors)
            let first = state.values[0]
            try writer.write(first.span)
            #expect(try folder.names().contains("step-00000020.part"))
        }
        #expect(try folder.names() == ["step-00000010.commit", "step-00000010.h5"])
        try Data("half".utf8).write(to: folder.file("step-00000020.part"))
        #expect(try CheckpointFolder(folder.url).newestGood().checkpoint?.step == 10)
        try SmallState(step: 20).write(to: folder.url)
        #expect(try CheckpointFolder(folder.url).newestGood().checkpoint?.step == 20)
    }

    @Test("writing a step again keeps equal bytes and replaces others")
    func rewriting() throws {
        let folder = try folder(steps: [10])
        let before = try Checkpoint(folder.file("step-00000010.h5")).record
        #expect(try SmallState(step: 10).write(to: folder.url) == before)
        let other = SmallState(step: 10, seed: 8)
        #expect(try other.write(to: folder.url) != before)
        try other.expectEqual(CheckpointFolder(folder.url).checkpoint(step: 10))
    }

    @Test("the newest at most a given step can be asked for")
    func atMost() throws {
        let folder = try folder(steps: [10, 20, 30])
        #expect(try CheckpointFolder(folder.url).newestGood(atMost: 25).checkpoint?.step == 20)
        #expect(try CheckpointFolder(folder.url).newestGood(atMost: 9).checkpoint == nil)
    }
}
