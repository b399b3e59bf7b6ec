import ArgumentParser
import Foundation
import JSONText

/// How fast a list of machines becomes values, beside Foundation's parser in the same run.
struct JSONBenchmark: Benchmark {
    static let configuration = CommandConfiguration(
        commandName: "json", abstract: "A 10 MB list of machines parsed into values, beside JSONSerialization.")
    static let method =
        "one thread of this process; each round parses the same bytes once with each parser, in turn; megabytes of 10^6"

    @OptionGroup var options: BenchmarkOptions

    static func measure(in place: Workplace) async throws -> Report {
        let text = document(bytes: place.size(10_000_000, smoke: 100_000))
        let data = Data(text)
        let megabytes = Double(text.count) / 1_000_000
        var ours: [Double] = []
        var theirs: [Double] = []
        // The first round warms caches and allocators, and is not counted.
        for round in 0...place.rounds(10, smoke: 2) {
            let own = Stopwatch()
            let value = try JSON(parsing: text)
            let ownMilliseconds = own.milliseconds
            let foreign = Stopwatch()
            let object = try JSONSerialization.jsonObject(with: data)
            let foreignMilliseconds = foreign.milliseconds
            guard let count = value["items"]?.array?.count, let list = object as? [String: Any],
                (list["items"] as? [Any])?.count == count
            else { throw BenchmarkFailure("the two parsers read different lists") }
            guard round > 0 else { continue }
            ours.append(megabytes / ownMilliseconds * 1000)
            theirs.append(megabytes / foreignMilliseconds * 1000)
        }
        let (parsed, reference) = (Samples(ours), Samples(theirs))
        var report = Report()
        report.add("JSONText", "MB/s", parsed)
        report.add("JSONSerialization", "MB/s", reference)
        report.goal(
            "a 10 MB list of machines at 110 MB/s or more (median)", "\(Report.number(parsed.median)) MB/s",
            isMet: parsed.median >= 110)
        let ratio = parsed.median / reference.median
        report.goal(
            "ten times JSONSerialization in the same run (medians)", "\(Report.number(ratio)) times", isMet: ratio >= 10
        )
        return report
    }

    /// A `List` of machines of about 1.3 kB each.
    private static func document(bytes: Int) -> [UInt8] {
        var items: [JSON] = []
        var size = 0
        while size < bytes {
            let item = machine(items.count)
            size += item.canonicalBytes.count + 1
            items.append(item)
        }
        let list: JSON = ["apiVersion": "v1", "kind": "List", "items": .array(items)]
        return list.canonicalBytes
    }

    private static func machine(_ number: Int) -> JSON {
        let name = "machine-\(number)"
        let disk: (String, String) -> JSON = { disk, size in
            ["name": .string(disk), "size": .string(size), "format": "qcow2", "image": "debian-12"]
        }
        let forward: (Int64) -> JSON = { port in
            [
                "protocol": "tcp", "hostAddress": "127.0.0.1", "hostPort": .integer(port),
                "guestPort": .integer(port % 1000),
            ]
        }
        let condition: (String) -> JSON = { type in
            [
                "type": .string(type), "status": "True", "reason": "Running", "observedGeneration": 3,
                "message": .string("\(name) is as it is wanted, \"\(type)\" included"),
                "lastTransitionTime": "2026-01-31T23:59:59Z",
            ]
        }
        return [
            "apiVersion": "blixard.dev/v1", "kind": "VirtualMachine",
            "metadata": [
                "name": .string(name), "namespace": "default",
                "labels": ["app": "web", "tier": "front", "rack": .string("r\(number % 40)")],
                "annotations": ["blixard.dev/note": "Runs where the disks are fast."],
            ],
            "spec": [
                "vcpus": .integer(Int64(1 + number % 8)), "memory": "512Mi", "runStrategy": "Always",
                "disks": [disk("root", "20Gi"), disk("data", "100Gi")],
                "networks": [["name": "default", "portForwards": [forward(8080), forward(8443)]]],
                "nodeSelector": ["disk": "ssd"], "terminationGracePeriodSeconds": 30,
            ],
            "status": [
                "phase": "Running", "ready": true, "restarts": .integer(Int64(number % 3)),
                "nodeName": .string("node-\(number % 9)"), "epoch": 1,
                "conditions": [condition("Scheduled"), condition("Ready")],
            ],
        ]
    }
}
