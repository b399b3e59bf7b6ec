import JSONText
import Manifest
import Testing

@Suite struct ChangeTests {
    @Test(
        "Changed fields are listed with what they ask of a running machine",
        arguments: [
            ("{}", "{}", []), (#"{"vcpus":1,"memory":"0.125Gi"}"#, "{}", []),
            ("{}", #"{"vcpus":2}"#, ["spec.vcpus: 1 -> 2 (restart)"]),
            (#"{"runStrategy":"Halted"}"#, "{}", [#"spec.runStrategy: "Halted" -> "Always" (live)"#]),
            (
                "{}", #"{"memory":"1.5Gi","terminationGracePeriodSeconds":5}"#,
                [#"spec.memory: "128Mi" -> "1536Mi" (restart)"#, "spec.terminationGracePeriodSeconds: 30 -> 5 (live)"]
            ),
            (
                "{}", #"{"boot":{"kernel":"k"}}"#,
                [#"spec.boot.guest: "builtin" -> <none> (restart)"#, #"spec.boot.kernel: <none> -> "k" (restart)"#]
            ),
            (
                "{}", #"{"disks":[{"name":"a","size":"1Gi"}]}"#,
                [#"spec.disks[0]: <none> -> {"name":"a","size":"1Gi"} (restart)"#]
            ),
            (
                #"{"disks":[{"name":"a","size":"1Gi"},{"name":"b","size":"2Gi"}]}"#,
                #"{"disks":[{"name":"b","size":"3Gi","format":"raw"}]}"#,
                [
                    #"spec.disks[0]: {"name":"a","size":"1Gi"} -> <none> (recreate)"#,
                    #"spec.disks[0].size: "2Gi" -> "3Gi" (restart)"#,
                    #"spec.disks[0].format: "qcow2" -> "raw" (recreate)"#,
                ]
            ),
            (
                #"{"disks":[{"name":"a","size":"1Gi"}]}"#, #"{"disks":[{"name":"a","size":"1Gi","image":"i"}]}"#,
                [#"spec.disks[0].image: <none> -> "i" (recreate)"#]
            ),
            (
                #"{"networks":[{"name":"n"}]}"#,
                #"{"networks":[{"name":"n","portForwards":[{"hostPort":1,"guestPort":2}]}]}"#,
                [#"spec.networks[0].portForwards: [] -> [{"guestPort":2,"hostPort":1}] (restart)"#]
            ),
            (
                #"{"nodeSelector":{"a":"1","b":"2"}}"#, #"{"nodeSelector":{"a":"1","b":"3","c":"4"}}"#,
                [#"spec.nodeSelector.b: "2" -> "3" (recreate)"#, #"spec.nodeSelector.c: <none> -> "4" (recreate)"#]
            ),
            ("{}", #"{"fromTomorrow":1}"#, ["spec.fromTomorrow: <none> -> 1 (recreate)"]),
        ] as [(String, String, [String])])
    func changes(old: String, new: String, expected: [String]) throws {
        let changes = VirtualMachineSpec.changes(from: try JSON(parsing: old), to: try JSON(parsing: new))
        #expect(changes.map(\.description) == expected)
    }

    @Test("Disks in another order are one change of the whole list")
    func order() throws {
        let changes = VirtualMachineSpec.changes(
            from: ["disks": [["name": "a", "size": "1Gi"], ["name": "b", "size": "1Gi"]]],
            to: ["disks": [["name": "b", "size": "1Gi"], ["name": "a", "size": "1Gi"]]])
        #expect(changes.map(\.path.description) == ["spec.disks"])
    }

    @Test("The class of several changes is the most disturbing one")
    func classes() {
        let memory = JSONPath(keys: "spec", "memory")
        let strategy = JSONPath(keys: "spec", "runStrategy")
        let format = JSONPath(keys: "spec", "disks").appending(3).appending("format")
        #expect(UpdateClass.of([]) == nil)
        #expect(UpdateClass.of([strategy]) == .live)
        #expect(UpdateClass.of([strategy, memory]) == .restart)
        #expect(UpdateClass.of([memory, format, strategy]) == .recreate)
        #expect(UpdateClass.of([JSONPath(keys: "spec", "nothing")]) == .recreate)
        #expect(UpdateClass.of([JSONPath(keys: "spec", "nodeSelector", "rack")]) == .recreate)
    }

    @Test("Nodes and images have changes too")
    func others() {
        let changes = KindSchema.of(.node)!.changes(from: [:], to: ["reserved": ["cpus": 2]])
        #expect(changes.map(\.description) == ["spec.reserved.cpus: 0 -> 2 (live)"])
    }
}
