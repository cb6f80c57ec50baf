import ArgumentParser
import Experiment
import Foundation

struct ReportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Make one self-contained HTML page of runs, with plots and laws, and every figure as a file.",
        discussion: """
            Examples:
              apus report checkpoints/books
              apus report checkpoints/quickstart
              apus report checkpoints/a checkpoints/b --out both.html

            Laws are fitted where there are enough complete runs of different sizes and lengths. Every figure is also \
            written as .svg, for a paper, with its numbers as .csv.
            """)

    @Argument(help: "Run folders, or folders of runs such as a ladder.") var folders: [String]
    @Option(help: ArgumentHelp("The page; default: report.html in the folder.", valueName: "file")) var out: String?
    @Option(
        help: ArgumentHelp(
            "Folder for the figures' .svg and .csv files; default: figures beside the page.", valueName: "dir"))
    var figures: String?

    func validate() throws {
        guard out != nil || folders.count == 1 else {
            throw ValidationError("Say where the page of several folders goes, with --out FILE.")
        }
    }

    func run() throws {
        let tables = try RunTables(paths: folders)
        let file =
            out.map { URL(fileURLWithPath: $0) }
            ?? URL(fileURLWithPath: folders[0]).appendingPathComponent("report.html")
        let report = ReportBuilder(tables)
        let folder =
            figures.map { URL(fileURLWithPath: $0) }
            ?? file.deletingLastPathComponent().appendingPathComponent("figures")
        try report.write(to: file, figures: folder)
        if let problem = report.fitted.problem, tables.records.count > 1 { Console.tell("apus: no law: \(problem)") }
        Console.show("report   \(file.relativePath)\nfigures  \(folder.relativePath)\n")
    }
}
