import Experiment
import Foundation
import Testing

@Suite("The run folder and its files")
struct RunDirectoryTests {
    @Test("a replaced file holds the new content, and nothing is left beside it")
    func replace() throws {
        try withTemporaryFolder { folder in
            let url = folder.appendingPathComponent("a.txt")
            try DurableFile.replace(url, with: Data("one".utf8))
            try DurableFile.replace(url, with: Data("two".utf8))
            #expect(try Data(contentsOf: url) == Data("two".utf8))
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["a.txt"])
        }
    }

    @Test("a replacement that fails leaves the old content, and names the file")
    func replaceFails() throws {
        try withTemporaryFolder { folder in
            let url = folder.appendingPathComponent("a.txt")
            try DurableFile.replace(url, with: Data("one".utf8))
            // A folder in the place of the part makes writing it fail, for root as well.
            try FileManager.default.createDirectory(
                at: url.appendingPathExtension("part").appendingPathComponent("x"), withIntermediateDirectories: true)
            let error = #expect(throws: Failure.self) { try DurableFile.replace(url, with: Data("two".utf8)) }
            #expect(error?.message.contains(url.path) == true)
            #expect(try Data(contentsOf: url) == Data("one".utf8))
        }
    }

    @Test("appending creates the file, then adds to it")
    func append() throws {
        try withTemporaryFolder { folder in
            let url = folder.appendingPathComponent("events.jsonl")
            try DurableFile.append("one\n", to: url)
            try DurableFile.append("two\n", to: url)
            #expect(try String(contentsOf: url, encoding: .utf8) == "one\ntwo\n")
            #expect(throws: Failure.self) { try DurableFile.append("x", to: folder) }
        }
    }

    @Test("the names in a run folder are those of the design")
    func names() {
        let run = RunDirectory(URL(fileURLWithPath: "/runs/a", isDirectory: true))
        let names = [run.config, run.ledger, run.timings, run.checkpoints, run.events, run.report, run.provenance]
        #expect(
            names.map(\.lastPathComponent) == [
                "config.yaml", "ledger.csv", "timings.csv", "checkpoints", "events.jsonl", "report.html",
                "provenance.json",
            ])
        #expect(RunDirectory.standard(name: "b").url.path.hasSuffix("/checkpoints/b"))
        #expect(RunDirectory.corpora.path.hasSuffix("/checkpoints/.corpora"))
    }

    @Test("a run is there as soon as its configuration is, which then reads back")
    func loadConfig() throws {
        try withTemporaryFolder { folder in
            let run = RunDirectory(folder.appendingPathComponent("run"))
            try run.create()
            try run.create()
            #expect(!run.holdsRun)
            let missing = #expect(throws: Failure.self) { try run.loadConfig() }
            #expect(missing?.code == .badData)
            let config = try decode(minimalYAML)
            try DurableFile.replace(run.config, with: Data(config.yaml.utf8))
            #expect(run.holdsRun)
            #expect(try run.loadConfig() == config)
            try DurableFile.replace(run.config, with: Data("name: x".utf8))
            let damaged = #expect(throws: Failure.self) { try run.loadConfig() }
            #expect(damaged?.code == .badData)
        }
    }

    @Test("a run that is moved aside is never written over")
    func moveAside() throws {
        try withTemporaryFolder { folder in
            let run = RunDirectory(folder.appendingPathComponent("run"))
            #expect(try run.moveAside() == nil)
            for k in 1...3 {
                try run.create()
                try DurableFile.append("\(k)", to: run.config)
                let moved = try #require(try run.moveAside())
                #expect(moved.lastPathComponent == "run.old-\(k)")
                #expect(!FileManager.default.fileExists(atPath: run.url.path))
            }
            for k in 1...3 {
                let old = RunDirectory(folder.appendingPathComponent("run.old-\(k)"))
                #expect(try String(contentsOf: old.config, encoding: .utf8) == "\(k)")
            }
        }
    }
}
