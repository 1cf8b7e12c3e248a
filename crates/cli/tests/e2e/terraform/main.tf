# Everything that the AWS provider manages in IAM and Bailiwick has. `round` is what changes.
terraform {
  required_providers { aws = { source = "hashicorp/aws" } }
}
provider "aws" {
  region                  = "us-east-1"
  skip_metadata_api_check = true
  skip_region_validation  = true
  endpoints {
    iam = var.endpoint
    sts = var.endpoint
  }
  default_tags { tags = { managed-by = "terraform" } }
}
variable "endpoint" {}
variable "round" {}

resource "aws_iam_account_alias" "this" { account_alias = "tf-bailiwick" }
resource "aws_iam_policy" "boundary" {
  name   = "boundary"
  path   = "/limits/"
  policy = data.aws_iam_policy_document.boundary.json
}
data "aws_iam_policy_document" "boundary" {
  statement {
    actions   = ["s3:*", "sqs:*"]
    resources = ["*"]
  }
}
data "aws_iam_policy_document" "read" {
  statement {
    sid       = "Read"
    actions   = ["s3:GetObject", "s3:ListBucket"]
    resources = ["arn:aws:s3:::data-${var.round}", "arn:aws:s3:::data-${var.round}/*"]
    condition {
      test     = "StringEquals"
      variable = "aws:PrincipalTag/team"
      values   = ["data", "ops"]
    }
  }
}
data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["ec2.amazonaws.com"]
    }
    principals {
      type        = "AWS"
      identifiers = [aws_iam_user.this["ann"].arn]
    }
  }
}
resource "aws_iam_openid_connect_provider" "pipeline" {
  url             = "https://pipeline.example.com/tenant"
  client_id_list  = ["sts.amazonaws.com", "pipeline"]
  thumbprint_list = ["9e99a48a9960b14926bb7f3b02e22da2b0ab7280"]
  tags            = { team = "lights" }
}
data "aws_iam_policy_document" "pipeline" {
  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]
    principals {
      type        = "Federated"
      identifiers = [aws_iam_openid_connect_provider.pipeline.arn]
    }
    condition {
      test     = "StringEquals"
      variable = "pipeline.example.com/tenant:sub"
      values   = ["branch-main"]
    }
  }
}
resource "aws_iam_role" "pipeline" {
  name               = "pipeline"
  assume_role_policy = data.aws_iam_policy_document.pipeline.json
}
resource "aws_iam_policy" "read" {
  name        = "read"
  description = "reads data"
  policy      = data.aws_iam_policy_document.read.json
  tags        = { round = var.round }
}
resource "aws_iam_user" "this" {
  for_each             = toset(["ann", "bob"])
  name                 = each.key
  path                 = var.round == "one" ? "/staff/" : "/people/"
  tags                 = { round = var.round }
  force_destroy        = true
  permissions_boundary = aws_iam_policy.boundary.arn
}
resource "aws_iam_access_key" "ann" { user = aws_iam_user.this["ann"].name }
resource "aws_iam_user_policy" "ann" {
  name   = "own"
  user   = aws_iam_user.this["ann"].name
  policy = data.aws_iam_policy_document.read.json
}
resource "aws_iam_user_policy_attachment" "bob" {
  user       = aws_iam_user.this["bob"].name
  policy_arn = aws_iam_policy.read.arn
}
resource "aws_iam_group" "staff" {
  name = "staff-${var.round}"
  path = "/staff/"
}
resource "aws_iam_group_membership" "staff" {
  name  = "staff"
  group = aws_iam_group.staff.name
  users = [for user in aws_iam_user.this : user.name]
}
resource "aws_iam_group_policy" "staff" {
  name   = "inline"
  group  = aws_iam_group.staff.name
  policy = data.aws_iam_policy_document.read.json
}
resource "aws_iam_group_policy_attachment" "staff" {
  group      = aws_iam_group.staff.name
  policy_arn = aws_iam_policy.read.arn
}
resource "aws_iam_role" "app" {
  name                  = "app"
  path                  = "/service/"
  description           = "round ${var.round}"
  max_session_duration  = var.round == "one" ? 3600 : 7200
  assume_role_policy    = data.aws_iam_policy_document.trust.json
  permissions_boundary  = var.round == "one" ? aws_iam_policy.boundary.arn : null
  force_detach_policies = true
  tags                  = { round = var.round }
}
resource "aws_iam_role_policy" "app" {
  name   = "inline"
  role   = aws_iam_role.app.id
  policy = data.aws_iam_policy_document.read.json
}
resource "aws_iam_role_policy_attachment" "app" {
  role       = aws_iam_role.app.name
  policy_arn = aws_iam_policy.read.arn
}
resource "aws_iam_instance_profile" "app" {
  name = "app"
  path = "/service/"
  role = aws_iam_role.app.name
  tags = { round = var.round }
}
data "aws_caller_identity" "current" {}
data "aws_iam_user" "ann" { user_name = aws_iam_user.this["ann"].name }
data "aws_iam_role" "app" { name = aws_iam_role.app.name }
data "aws_iam_policy" "read" { arn = aws_iam_policy.read.arn }
data "aws_iam_group" "staff" {
  group_name = aws_iam_group.staff.name
  depends_on = [aws_iam_group_membership.staff]
}
data "aws_iam_account_alias" "this" { depends_on = [aws_iam_account_alias.this] }
output "account" { value = data.aws_caller_identity.current.account_id }
output "alias" { value = data.aws_iam_account_alias.this.account_alias }
output "members" { value = sort([for user in data.aws_iam_group.staff.users : user.user_name]) }
output "key" {
  value     = { id = aws_iam_access_key.ann.id, secret = aws_iam_access_key.ann.secret }
  sensitive = true
}
