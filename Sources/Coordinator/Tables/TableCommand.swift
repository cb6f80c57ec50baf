import ArgumentParser
import Experiment
import Foundation
import ScalingLaws

struct TableCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "table",
        abstract: "Collect runs into tables: one row per run, per step, and per evaluation and source.",
        discussion: """
            Examples:
              apus table checkpoints/quickstart
              apus table checkpoints/quickstart --out tables
              apus table checkpoints/a checkpoints/b --format jsonl --out tables

            With --out all tables are written, as runs.csv, curves.csv and evaluations.csv (or .jsonl); without it \
            `runs` goes to standard output. `curves` has the ledgers' columns. `evaluations` has the held-out loss of \
            each source (nats per token), its standard error, bits per byte and per character; where a corpus has \
            several sources, also a row `all`. Columns of `runs`:
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
        let named = [
            ("runs", "runs", tables.runs), ("curves", "steps", tables.curves),
            ("evaluations", "losses", tables.evaluations),
        ]
        for case (let name, let rows, let table?) in named {
            let file = folder.appendingPathComponent("\(name).\(format.rawValue)")
            try table.write(to: file)
            Console.show("\(table.rowCount) \(rows)  \(file.relativePath)\n")
        }
    }

    private static var columns: String {
        RunTables.documentation.map { name, meaning in
            "  " + name + String(repeating: " ", count: max(1, 20 - name.count)) + meaning
        }.joined(separator: "\n")
    }
}
