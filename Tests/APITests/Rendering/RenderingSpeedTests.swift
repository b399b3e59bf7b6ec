import Contract
import Fleet
import JSONText
import Manifest
import Primitives
import Testing

@testable import API

@Suite("Speed of rendering")
struct RenderingSpeedTests {
    @Test("A list and a table of a thousand machines are written; how fast is printed")
    func thousandMachines() throws {
        let backend = FakeBackend(admin: Samples.admin)
        let keys = (0..<1000).map { Samples.machine("machine-\($0)") }
        backend.put(keys.map { Samples.put($0, labels: ["app": "web"], spec: #"{"memory":"256Mi","vcpus":2}"#) })
        for key in keys {
            backend.bind(key)
            backend.report(key)
        }
        let view = Samples.view(backend.fleet)
        let specs = FullSpecCache()
        let query = try QueryItems("")
        let list = try ListRequest(kind: .virtualMachine, namespace: nil, query: query, accept: "")
        let clock = ContinuousClock()
        for round in ["first", "second"] {
            var output = JSONOutput(capacity: 0)
            let listing = clock.measure {
                ListWriter.append(
                    list.items(in: view), of: .virtualMachine,
                    renderer: ObjectRenderer(view: view, specs: specs, isForOne: false),
                    annotations: [:], to: &output)
            }
            #expect(try JSON(parsing: output.bytes)["items"]?.array?.count == 1000)
            var table = JSONOutput(capacity: 0)
            let tabling = clock.measure {
                TableWriter(renderer: ObjectRenderer(view: view, specs: specs, isForOne: false), objects: .metadata)
                    .append(
                        list.items(in: view), of: .virtualMachine, resourceVersion: 1, annotations: [:], to: &table)
            }
            #expect(try JSON(parsing: table.bytes)["rows"]?.array?.count == 1000)
            print("\(round) list of 1000 machines: \(listing), table: \(tabling)")
        }
    }
}
