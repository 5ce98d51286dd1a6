# Stands for the module that makes DNS records: it gets the balancer's name and
# addresses once they are served.

variable "name" {
  type = string
}

variable "addresses" {
  type = list(string)
}

output "records" {
  value = { for address in var.addresses : address => var.name }
}
