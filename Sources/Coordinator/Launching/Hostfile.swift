import Experiment
import Foundation

/// The hosts of a launch and how many ranks each takes: lines `name slots=N`, `#` begins a comment. Read strictly,
/// because names go on to remote shells.
struct Hostfile: Equatable {
    struct Entry: Equatable {
        let name: String
        let slots: Int
    }

    let path: String
    let entries: [Entry]

    /// Ranks that the file has room for.
    var slots: Int { entries.map(\.slots).reduce(0, +) }

    init(file path: String) throws {
        let text: String
        do {
            text = try String(contentsOfFile: path, encoding: .utf8)
        } catch {
            throw Failure(.usage, "Cannot read the hostfile \(path): \(error.localizedDescription)")
        }
        try self.init(path: path, text: text)
    }

    init(path: String, text: String) throws {
        self.path = path
        entries = try text.split(separator: "\n", omittingEmptySubsequences: false).enumerated().compactMap {
            number, line in
            let words = line.prefix { $0 != "#" }.split(whereSeparator: \.isWhitespace)
            guard let name = words.first else { return nil }
            guard let entry = Self.entry(name: String(name), settings: words.dropFirst()) else {
                throw Failure(
                    .usage,
                    "\(path) line \(number + 1) is \"\(line)\"; a line is a host name of letters, digits, dots, dashes "
                        + "and underscores, and how many ranks it takes, as in: node1 slots=16")
            }
            return entry
        }
        guard !entries.isEmpty else {
            throw Failure(.usage, "\(path) names no host; a line is, for example: node1 slots=16")
        }
        let names = entries.map(\.name)
        if let twice = names.first(where: { name in names.count { $0 == name } > 1 }) {
            throw Failure(.usage, "\(path) names the host \(twice) twice; give its slots in one line.")
        }
    }

    private static func entry(name: String, settings: ArraySlice<Substring>) -> Entry? {
        let isName =
            name.first != "-" && name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0)) }
        guard isName, settings.count <= 1 else { return nil }
        guard let setting = settings.first else { return Entry(name: name, slots: 1) }
        guard setting.hasPrefix("slots="), let slots = Int(setting.dropFirst(6)), (1...(1 << 20)).contains(slots) else {
            return nil
        }
        return Entry(name: name, slots: slots)
    }
}
