import Foundation
import Testing

@testable import Coordinator

/// What killed launches leave behind.
@Suite(.serialized) struct RemainsTests {
    /// Starts a line of bash under the name of a worker of a run in the folder.
    /// - Returns: its process.
    private func worker(_ line: CommandLine) async throws -> Int32 {
        let run = line.folder.appendingPathComponent("run").path
        let loop = "exec -a apus-worker /bin/bash -c 'while :; do sleep 0.05; done' --run '\(run)'"
        let told = try await line.shell("(\(loop)) < /dev/null > /dev/null 2>&1 & echo $!")
        let process = try #require(Int32(told.trimmingCharacters(in: .whitespacesAndNewlines)))
        while !words(process).starts(with: Data("apus-worker".utf8)) { try await Task.sleep(for: .milliseconds(10)) }
        return process
    }

    /// None of a process that has ended.
    private func words(_ process: Int32) -> Data {
        FileManager.default.contents(atPath: "/proc/\(process)/cmdline") ?? Data()
    }

    @Test("a worker that was started by hand is asked to stop; one that does not is killed, and that is told")
    func orphans() async throws {
        let line = try CommandLine()
        for stops in [false, true] {
            let process = try await worker(line)
            defer { if !words(process).isEmpty { kill(process, SIGKILL) } }
            if stops { kill(process, SIGSTOP) }
            var told: [String] = []
            try await Orphans(below: line.folder).settle(patience: .seconds(stops ? 1 : 30)) { told.append($0) }
            #expect(words(process).isEmpty)
            #expect(told.contains { $0.contains("are killed now") } == stops, "\(told)")
        }
    }

    @Test("folders of a dead launch are removed by a later one, those of others are not")
    func scratch() throws {
        let line = try CommandLine()
        let ended = Process()
        ended.executableURL = URL(fileURLWithPath: "/bin/true")
        try ended.run()
        ended.waitUntilExit()
        let (dead, alive) = ("apus-\(ended.processIdentifier)", "apus-\(getpid())")
        for name in ["\(dead)-aaaaaa", "\(dead)-unmarked", "\(dead)-foreign", "\(alive)-bbbbbb", "apus-test-cccccc"] {
            let folder = line.folder.appendingPathComponent(name)
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            if name.hasSuffix("foreign") { try line.write("another host\n", to: "\(name)/owner") }
            if !name.hasSuffix("foreign"), !name.hasSuffix("unmarked") { try ScratchRemains.mark(folder) }
        }
        ScratchRemains.remove(below: [line.folder.path])
        let left = try FileManager.default.contentsOfDirectory(atPath: line.folder.path).sorted()
        #expect(left == ["\(alive)-bbbbbb", "\(dead)-foreign", "\(dead)-unmarked", "apus-test-cccccc"].sorted())
    }
}
