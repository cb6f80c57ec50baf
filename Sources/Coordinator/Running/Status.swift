import ArgumentParser
import Experiment
import Foundation
import Reports

struct Status: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "What runs are doing, or how they ended.",
        discussion: """
            Examples:
              apus status
              apus status checkpoints/quickstart
            """)

    @Argument(help: "A run folder, or a folder of runs.") var folder = "checkpoints"

    func run() throws {
        let directories = try RunRecord.directories(at: folder)
        guard !directories.isEmpty else {
            Console.show("no runs in \(folder)\n")
            return
        }
        for line in try Self.sweeps(directories) { Console.show(Console.style.plain(line) + "\n") }
        var table = TerminalTable([
            .init("run", .left), .init("state", .left), .init("step"), .init("loss"), .init("held-out"),
            .init("last change"),
        ])
        for directory in directories {
            do {
                table.add(try Self.row(RunRecord(directory), below: folder))
            } catch {
                Console.tell("apus: \(error)")
                table.add([Self.name(directory, below: folder), "unreadable", "", "", "", ""])
            }
        }
        Console.show(table.text(Console.style))
    }

    /// A line for every sweep that runs are part of.
    private static func sweeps(_ directories: [RunDirectory]) throws -> [String] {
        let folders = Set(directories.map { $0.url.standardizedFileURL.deletingLastPathComponent() })
        return folders.sorted { $0.path < $1.path }.compactMap(SweepFolder.status)
    }

    private static func row(_ run: RunRecord, below folder: String) -> [String] {
        let evaluated = run.evaluations.last.map { "\(Humanly.loss($0.loss)) @ \($0.step)" }
        return [
            name(run.directory, below: folder), run.statusNow().rawValue, "\(run.step)/\(run.config.steps)",
            run.rows.last.map { Humanly.loss($0.trainLoss) } ?? "", evaluated ?? "",
            run.changed.map { "\(Humanly.duration(seconds: Date().timeIntervalSince($0))) ago" } ?? "",
        ]
    }

    private static func name(_ directory: RunDirectory, below folder: String) -> String {
        let (path, root) = (
            directory.url.standardizedFileURL.path, URL(fileURLWithPath: folder).standardizedFileURL.path
        )
        return path.hasPrefix(root + "/") ? String(path.dropFirst(root.count + 1)) : directory.url.lastPathComponent
    }
}
