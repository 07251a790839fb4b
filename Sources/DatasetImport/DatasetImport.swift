// DatasetImport
