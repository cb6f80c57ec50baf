import Foundation

/// The memory of this host, as the kernel and the control groups of this process tell it.
public enum HostMemory {
    /// What a run on this host may take: the machine's memory or the smallest limit of a control group above this
    /// process. nil where the system does not tell.
    public static var limitBytes: Int? {
        ([kilobytes("MemTotal", in: "/proc/meminfo")] + controlGroupLimits).compactMap { $0 }.min()
    }

    /// What is free now, or can be freed at once; nil where the system does not tell.
    public static var availableBytes: Int? { kilobytes("MemAvailable", in: "/proc/meminfo") }

    /// What this process has in memory now.
    public static var residentBytes: Int { kilobytes("VmRSS", in: "/proc/self/status") ?? 0 }

    /// Of these, pages of files: the executable, libraries, and what is mapped.
    public static var residentFileBytes: Int { kilobytes("RssFile", in: "/proc/self/status") ?? 0 }

    /// The most that this process has had in memory.
    public static var peakResidentBytes: Int { kilobytes("VmHWM", in: "/proc/self/status") ?? 0 }

    /// Limits of all groups from this process's own up to the root, in version 2 and 1. Inside a container the own path
    /// may not be there; the root of what is mounted is then the container's group.
    private static var controlGroupLimits: [Int?] {
        lines("/proc/self/cgroup").flatMap { line -> [Int?] in
            let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard fields.count == 3 else { return [] }
            if fields[1].isEmpty { return limits(root: "/sys/fs/cgroup", path: fields[2], file: "memory.max") }
            guard fields[1].split(separator: ",").contains("memory") else { return [] }
            return limits(root: "/sys/fs/cgroup/memory", path: fields[2], file: "memory.limit_in_bytes")
        }
    }

    private static func limits(root: String, path: Substring, file: String) -> [Int?] {
        let parts = path.split(separator: "/")
        return (0...parts.count).map { depth in
            let folder = ([root] + parts.prefix(depth).map(String.init)).joined(separator: "/")
            return lines("\(folder)/\(file)").first.flatMap { Int($0) }
        }
    }

    private static func kilobytes(_ key: String, in file: String) -> Int? {
        let line = lines(file).first { $0.hasPrefix("\(key):") }
        return line.flatMap { $0.split(separator: " ").compactMap { Int($0) }.first }.map { $0 << 10 }
    }

    private static func lines(_ file: String) -> [Substring] {
        // Not by size: files of /proc have none.
        guard let data = FileManager.default.contents(atPath: file) else { return [] }
        return String(decoding: data, as: UTF8.self).split(separator: "\n")
    }
}
