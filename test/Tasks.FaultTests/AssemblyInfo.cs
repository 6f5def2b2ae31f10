// Scenarios measure how soon something happens: side by side they would measure each other.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
