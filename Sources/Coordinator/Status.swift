import ArgumentParser
import Experiment
import Foundation

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
        let rows = directories.map { directory in
            do {
                return try Self.row(RunRecord(directory), below: folder)
            } catch {
                return [Self.name(directory, below: folder), "unreadable: \(error)"]
            }
        }
        Console.show(TextTable(header: ["run", "state", "step", "loss", "held-out", "last change"], rows: rows).text)
    }

    private static func row(_ run: RunRecord, below folder: String) -> [String] {
        let evaluated = run.evaluations.last.map { "\(EventText.loss($0.loss)) @ \($0.step)" }
        return [
            name(run.directory, below: folder), run.statusNow().rawValue, "\(run.step)/\(run.config.steps)",
            run.rows.last.map { EventText.loss($0.trainLoss) } ?? "", evaluated ?? "",
            run.changed.map { "\(EventText.duration(Date().timeIntervalSince($0))) ago" } ?? "",
        ]
    }

    private static func name(_ directory: RunDirectory, below folder: String) -> String {
        let (path, root) = (
            directory.url.standardizedFileURL.path, URL(fileURLWithPath: folder).standardizedFileURL.path
        )
        return path.hasPrefix(root + "/") ? String(path.dropFirst(root.count + 1)) : directory.url.lastPathComponent
    }
}
