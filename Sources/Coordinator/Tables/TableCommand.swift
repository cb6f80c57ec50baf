import ArgumentParser
import Checkpoints
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
              apus table checkpoints/quickstart --format hdf5 --out tables

            With --out all tables are written, as runs.csv, curves.csv and evaluations.csv (or .jsonl, .h5); without it \
            `runs` goes to standard output. An HDF5 file has a data set per column: text, 64-bit integers, or 64-bit \
            floats with NaN where nothing was measured; the attribute `unit` tells the unit. `curves` has the ledgers' columns. `evaluations` has the held-out loss of \
            each source (nats per token), its standard error, bits per byte and per character; where a corpus has \
            several sources, also a row `all`. Columns of `runs`:
            \(columns)
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable { case csv, jsonl, hdf5 }

    @Argument(help: "Run folders, or folders of runs.") var runs: [String]
    @Option(help: "csv, jsonl or hdf5; hdf5 needs --out.") var format = Format.csv
    @Option(help: ArgumentHelp("Folder for the tables.", valueName: "dir")) var out: String?

    func validate() throws {
        guard format != .hdf5 || out != nil else {
            throw ValidationError("HDF5 is no text: name a folder with --out.")
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
            let file = folder.appendingPathComponent("\(name).\(format == .hdf5 ? "h5" : format.rawValue)")
            if format == .hdf5 {
                try ColumnFile(table).write(to: file)
            } else {
                try table.write(to: file)
            }
            Console.show("\(table.rowCount) \(rows)  \(file.relativePath)\n")
        }
    }

    private static var columns: String {
        RunColumn.all.map { column in
            "  " + column.name + String(repeating: " ", count: max(1, 20 - column.name.count)) + column.meaning
        }.joined(separator: "\n")
    }
}
