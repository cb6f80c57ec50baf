import ArgumentParser
import Foundation
import ScalingLaws

/// Which table is fitted, which of its columns hold what, and which of its rows count.
struct TableArguments: ParsableArguments {
    @Argument(help: "A table with one row per run: .csv, .tsv, .jsonl, or .json (an array).") var table: String
    @Option(help: ArgumentHelp("Column of the parameters.", valueName: "col")) var n = FitColumns().n
    @Option(help: ArgumentHelp("Column of the tokens.", valueName: "col")) var d = FitColumns().d
    @Option(help: ArgumentHelp("Column of the FLOPs.", valueName: "col")) var c = FitColumns().c
    @Option(help: ArgumentHelp("Column of the loss, in nats per token.", valueName: "col")) var loss = FitColumns().loss
    @Option(help: ArgumentHelp("Column of the run's name.", valueName: "col")) var label = FitColumns().label
    @Option(help: ArgumentHelp("Column of the different tokens seen.", valueName: "col"))
    var uniqueTokens = FitColumns().uniqueTokens
    @OptionGroup var rows: RowArguments

    var columns: FitColumns {
        var columns = FitColumns(n: n, d: d, c: c, loss: loss, label: label)
        columns.uniqueTokens = uniqueTokens
        return rows.completing(columns)
    }

    var selection: FitSelection { rows.selection }

    /// The table as it is in the file.
    func read() throws -> Table { try Table(contentsOf: URL(fileURLWithPath: table)) }
}
