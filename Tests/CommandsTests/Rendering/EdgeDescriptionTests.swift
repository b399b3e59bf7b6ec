import EdgeValues
import JSONText
import Primitives
import Testing

@testable import Commands

/// What a client shows of an answer in which a number or a word is at its end.
@Suite("Descriptions of values at their ends")
struct EdgeDescriptionTests {
    private static let object: JSON = [
        "apiVersion": "blixard.dev/v1", "kind": "VirtualMachine",
        "metadata": [
            "name": "web", "namespace": "default", "uid": "u", "generation": 1, "resourceVersion": "7",
            "creationTimestamp": "2023-11-14T22:13:20Z", "deletionTimestamp": "2023-11-14T22:13:20Z",
            "labels": ["a": "b"], "annotations": ["c": "d"],
        ],
        "spec": ["memory": "64Mi", "disks": [["name": "root", "size": "1Gi"]]],
        "status": [
            "phase": "Running", "observedGeneration": 1, "restarts": 1,
            "conditions": [
                [
                    "type": "Ready", "status": "True", "reason": "r", "message": "m", "observedGeneration": 1,
                    "lastTransitionTime": "2023-11-14T22:13:20Z",
                ]
            ],
        ],
    ]

    private static let event: JSON = [
        "metadata": ["name": "e", "namespace": "default"],
        "involvedObject": ["kind": "VirtualMachine", "name": "web", "namespace": "default", "uid": "u"],
        "type": "Normal", "reason": "Started", "message": "m", "source": ["component": "node-1"],
        "firstTimestamp": "2023-11-14T22:13:20Z", "lastTimestamp": "2023-11-14T22:13:20Z", "count": 2,
    ]

    private static let clocks = [Int64.min, 0, 1_700_000_000_000, .max].map(WallTime.init(milliseconds:))

    @Test("every object is described, in lines that a terminal only shows")
    func descriptions() throws {
        let variants = EdgeVariants.of(Self.object)
        #expect(variants.count > 500)
        for variant in variants {
            for now in Self.clocks {
                let text = ObjectDescription(
                    variant.whole, set: nil, members: nil, events: [EventText(Self.event)], now: now
                ).text
                #expect(text.contains("Name:") && text.harmlessLines.utf8.elementsEqual(text.utf8), "\(variant)")
            }
            for condition in ["condition=Ready", "jsonpath={.status.restarts}=1", "create", "delete"] {
                let missing = try WaitCondition(condition).missing(in: variant.whole)
                #expect(missing != "", "\(variant)")
            }
        }
    }

    @Test("every event is described")
    func events() {
        for variant in EdgeVariants.of(Self.event) {
            for now in Self.clocks {
                let text = ObjectDescription(
                    Self.object, set: nil, members: nil, events: [EventText(variant.whole), EventText(Self.event)],
                    now: now
                ).text
                #expect(text.contains("Events:") && text.harmlessLines.utf8.elementsEqual(text.utf8), "\(variant)")
            }
        }
    }
}
