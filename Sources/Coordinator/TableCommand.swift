import ArgumentParser
import Experiment
import Foundation
import ScalingLaws

struct TableCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "table",
        abstract: "Collect runs into tables: one row per run, and one row per step.",
        discussion: """
            Examples:
              apus table checkpoints/quickstart
              apus table checkpoints/quickstart --out tables
              apus table checkpoints/a checkpoints/b --format jsonl --out tables

            With --out both tables are written, as runs.csv and curves.csv (or .jsonl); without it `runs` goes to \
            standard output. `curves` has the ledgers' columns. Columns of `runs`:
            \(columns)
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable { case csv, jsonl, hdf5 }

    @Argument(help: "Run folders, or folders of runs.") var runs: [String]
    @Option(help: "csv or jsonl.") var format = Format.csv
    @Option(help: ArgumentHelp("Folder for the tables.", valueName: "dir")) var out: String?

    func validate() throws {
        guard format != .hdf5 else {
            throw ValidationError("Tables cannot be written as HDF5 yet; take --format csv or jsonl.")
        }
    }

    func run() throws {
        let tables = try RunTables(paths: runs)
        guard let out else {
            let table = tables.runs
            Console.show(format == .jsonl ? table.jsonl : table.csv)
            return
        }
        let folder = URL(fileURLWithPath: out)
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        } catch {
            throw Failure(.usage, "Cannot create the folder \(out): \(error.localizedDescription)")
        }
        for (name, table) in [("runs", tables.runs), ("curves", tables.curves)] {
            let file = folder.appendingPathComponent("\(name).\(format.rawValue)")
            try table.write(to: file)
            Console.show("\(table.rowCount) \(name == "runs" ? "runs" : "steps")  \(file.relativePath)\n")
        }
    }

    private static var columns: String {
        RunTables.documentation.map { name, meaning in
            "  " + name + String(repeating: " ", count: max(1, 20 - name.count)) + meaning
        }.joined(separator: "\n")
    }
}
