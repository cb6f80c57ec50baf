import Foundation

/// A path with wildcards, as shells have them: `*` and `?` for any and for one character of a name, `[a-z]` and
/// `[!a-z]` for one of a set, and `**` as a whole name for any number of folders, none included. Hidden names are
/// matched only by a name that starts with a dot.
struct PathPattern {
    /// Where matching starts.
    private let base: String
    private let names: [String]

    /// Nil for a path without wildcards.
    init?(_ path: String) {
        guard path.contains(where: Self.isWildcard) else { return nil }
        base = path.hasPrefix("/") ? "/" : ""
        names = path.split(separator: "/").map(String.init)
    }

    private static func isWildcard(_ character: Character) -> Bool { "*?[".contains(character) }

    /// Files and folders that match, in the order of their bytes; those that are reached twice come twice. A last
    /// `**` is the folder in front of it. Throws `Failure(.badData)` for a folder that cannot be listed.
    func matches() throws -> [String] {
        var visited: Set<String> = []
        return try matches(in: base, names[...], &visited).sorted(by: FolderContents.precedes)
    }

    private func matches(in folder: String, _ names: ArraySlice<String>, _ visited: inout Set<String>) throws
        -> [String]
    {
        guard let name = names.first else { return [String(folder.dropLast())] }
        let rest = names.dropFirst()
        if name == "**" { return try matchesBelow(folder, rest, &visited) }
        return try candidates(for: name, in: folder).flatMap { candidate -> [String] in
            let path = folder + candidate
            guard let kind = FolderContents.kind(of: path), rest.isEmpty || kind == .typeDirectory else { return [] }
            return try matches(in: path + "/", rest, &visited)
        }
    }

    /// `rest` here and in all folders below; each folder once, however links lead to it.
    private func matchesBelow(_ folder: String, _ rest: ArraySlice<String>, _ visited: inout Set<String>) throws
        -> [String]
    {
        let place = folder.isEmpty ? "." : folder
        guard visited.insert("\(rest.count) \(FolderContents.resolved(place))").inserted else { return [] }
        if rest.isEmpty { return [folder.isEmpty ? "." : String(folder.dropLast())] }
        var found = try matches(in: folder, rest, &visited)
        for name in try candidates(for: "*", in: folder)
        where FolderContents.kind(of: folder + name) == .typeDirectory {
            found += try matchesBelow(folder + name + "/", rest, &visited)
        }
        return found
    }

    private func candidates(for name: String, in folder: String) throws -> [String] {
        guard name.contains(where: Self.isWildcard) else { return [name] }
        return try FolderContents.names(in: folder.isEmpty ? "." : folder).filter { candidate in
            (name.hasPrefix(".") || !candidate.hasPrefix(".")) && Self.matches(candidate, name)
        }
    }

    /// Whether a name matches a name with wildcards. O(name x pattern): of several stars, only the last needs to be
    /// tried again.
    static func matches(_ name: String, _ pattern: String) -> Bool {
        let name = Array(name.unicodeScalars)
        let parts = parts(of: Array(pattern.unicodeScalars))
        var (place, part) = (0, 0)
        var retry: (place: Int, part: Int)?
        while place < name.count {
            if part < parts.count, case .any = parts[part] {
                part += 1
                retry = (place, part)
            } else if part < parts.count, parts[part].matches(name[place]) {
                (place, part) = (place + 1, part + 1)
            } else if let last = retry {
                (place, part) = (last.place + 1, last.part)
                retry = (place, part)
            } else {
                return false
            }
        }
        return parts[part...].allSatisfy { if case .any = $0 { true } else { false } }
    }

    private enum Part {
        case any
        case one
        case scalar(Unicode.Scalar)
        case set([ClosedRange<Unicode.Scalar>], isNegated: Bool)

        func matches(_ scalar: Unicode.Scalar) -> Bool {
            switch self {
            case .any, .one: true
            case .scalar(let own): own == scalar
            case .set(let ranges, let isNegated): ranges.contains { $0.contains(scalar) } != isNegated
            }
        }
    }

    private static func parts(of pattern: [Unicode.Scalar]) -> [Part] {
        var parts: [Part] = []
        var place = 0
        while place < pattern.count {
            switch pattern[place] {
            case "*": parts.append(.any)
            case "?": parts.append(.one)
            case "[":
                if let (set, end) = set(in: pattern, at: place) {
                    parts.append(set)
                    place = end
                } else {
                    parts.append(.scalar("["))
                }
            default: parts.append(.scalar(pattern[place]))
            }
            place += 1
        }
        return parts
    }

    /// The set that starts with the bracket at `place`, and where its end is; nil for a bracket that is not closed.
    private static func set(in pattern: [Unicode.Scalar], at place: Int) -> (Part, end: Int)? {
        var first = place + 1
        let isNegated = first < pattern.count && (pattern[first] == "!" || pattern[first] == "^")
        if isNegated { first += 1 }
        // A bracket in first place is one of the set.
        guard first < pattern.count, let end = pattern[(first + 1)...].firstIndex(of: "]") else { return nil }
        var ranges: [ClosedRange<Unicode.Scalar>] = []
        var next = first
        while next < end {
            let isRange = next + 2 < end && pattern[next + 1] == "-"
            let last = isRange ? pattern[next + 2] : pattern[next]
            if pattern[next] <= last { ranges.append(pattern[next]...last) }
            next += isRange ? 3 : 1
        }
        return (.set(ranges, isNegated: isNegated), end)
    }
}
